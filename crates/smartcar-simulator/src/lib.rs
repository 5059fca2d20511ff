//! A stand-in for the Smartcar API.
