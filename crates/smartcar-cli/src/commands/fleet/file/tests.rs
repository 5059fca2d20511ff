//! Files as a run leaves them, whole or not.
