//! The connection to a store, and scripts on it.
//!
//! Invariant: a script that may have run is only sent again if it may run twice.

use std::sync::{MutexGuard, PoisonError};
use std::time::Duration;

use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Cmd, ErrorKind, FromRedisValue, RedisError, RedisResult, Script, ServerErrorKind};
use tokio::sync::Mutex;

use crate::address::{Address, Target};
use crate::error::RedisBudgetError;

/// Time limit for opening a connection, TLS included.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// Time limit of one command. A script takes less than a millisecond.
pub(crate) const RESPONSE_TIMEOUT: Duration = Duration::from_secs(3);

/// A store that is connected when it is first used, and again when the connection broke.
#[derive(Debug)]
pub(crate) struct Link {
    address: Address,
    open: Mutex<Open>,
    outage: std::sync::Mutex<Option<String>>,
}

/// The connection, and how many there were before it.
#[derive(Default)]
struct Open {
    generation: u64,
    connection: Option<Connection>,
}

/// All its clones use one socket, or one for each node of a cluster.
#[derive(Clone)]
enum Connection {
    One(ConnectionManager),
    #[cfg(feature = "cluster")]
    Cluster(redis::cluster_async::ClusterConnection),
}

/// A script with its keys and arguments.
#[derive(Debug)]
pub(crate) struct Call<'c> {
    pub(crate) script: &'c Lua,
    pub(crate) keys: Vec<String>,
    pub(crate) arguments: Vec<String>,
}

/// A script and its hash.
#[derive(Debug)]
pub(crate) struct Lua {
    code: &'static str,
    hash: String,
}

/// Whether a script may run twice, if it is not known whether it ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repeat {
    Allowed,
    Never,
}

impl Lua {
    pub(crate) fn new(code: &'static str) -> Self {
        let hash = Script::new(code).get_hash().to_owned();
        Self { code, hash }
    }
}

impl Call<'_> {
    fn command(&self, name: &str, script: &str) -> Cmd {
        let mut command = redis::cmd(name);
        command.arg(script).arg(self.keys.len());
        command.arg(&self.keys).arg(&self.arguments);
        command
    }

    async fn on<T: FromRedisValue>(&self, connection: &mut Connection) -> RedisResult<T> {
        let Lua { code, hash } = self.script;
        match connection.ask(&self.command("EVALSHA", hash)).await {
            // The server was restarted, or its scripts were flushed.
            Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
                connection.ask(&self.command("EVAL", code)).await
            }
            other => other,
        }
    }
}

impl Link {
    pub(crate) fn new(address: Address) -> Self {
        Self {
            address,
            open: Mutex::default(),
            outage: std::sync::Mutex::default(),
        }
    }

    pub(crate) fn address(&self) -> &Address {
        &self.address
    }

    /// Why the store could not be used the last time.
    pub(crate) fn outage(&self) -> MutexGuard<'_, Option<String>> {
        // A text is replaced as a whole, so a poisoned lock can be used.
        self.outage.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs a script. After a broken connection it is sent once more if it may repeat.
    pub(crate) async fn run<T: FromRedisValue>(
        &self,
        call: &Call<'_>,
        repeat: Repeat,
    ) -> Result<T, RedisBudgetError> {
        self.noted(self.send(call, repeat).await)
    }

    /// Runs a plain command.
    pub(crate) async fn ask<T: FromRedisValue>(
        &self,
        command: &Cmd,
    ) -> Result<T, RedisBudgetError> {
        let answer = async { self.connection().await?.1.ask(command).await };
        self.noted(answer.await)
    }

    /// Notes whether the store could be used.
    fn noted<T>(&self, reply: RedisResult<T>) -> Result<T, RedisBudgetError> {
        let message = || format!("Valkey or Redis at {} cannot be used", self.address);
        let why = reply.as_ref().err();
        *self.outage() = why.map(|error| format!("{}: {error}", message()));
        reply.map_err(|error| RedisBudgetError::new(message(), Some(error)))
    }

    async fn send<T: FromRedisValue>(&self, call: &Call<'_>, repeat: Repeat) -> RedisResult<T> {
        let mut again = true;
        loop {
            let (generation, mut connection) = self.connection().await?;
            let error = match call.on(&mut connection).await {
                Ok(reply) => return Ok(reply),
                Err(error) => error,
            };
            let is_replica = error.kind() == ErrorKind::Server(ServerErrorKind::ReadOnly);
            if is_replica || error.is_timeout() {
                // The primary is another server now, or this connection leads nowhere.
                self.forget(generation).await;
            }
            let may_repeat = is_replica || repeat == Repeat::Allowed && is_broken(&error);
            if !(again && may_repeat) {
                return Err(error);
            }
            again = false;
        }
    }

    async fn connection(&self) -> RedisResult<(u64, Connection)> {
        let mut open = self.open.lock().await;
        if let Some(connection) = &open.connection {
            return Ok((open.generation, connection.clone()));
        }
        let connection = match &self.address.target {
            Target::One(client) => {
                let config = ConnectionManagerConfig::new()
                    // A caller waits for the answer, and asks again.
                    .set_number_of_retries(1)
                    .set_min_delay(Duration::from_millis(50))
                    .set_connection_timeout(Some(CONNECT_TIMEOUT))
                    .set_response_timeout(Some(RESPONSE_TIMEOUT));
                let client = client.clone();
                Connection::One(ConnectionManager::new_lazy_with_config(client, config)?)
            }
            #[cfg(feature = "cluster")]
            Target::Cluster(client) => Connection::Cluster(client.get_async_connection().await?),
        };
        open.connection = Some(connection.clone());
        Ok((open.generation, connection))
    }

    /// Opens a new connection for the next command, unless another task has done so.
    async fn forget(&self, generation: u64) {
        let mut open = self.open.lock().await;
        if open.generation == generation {
            open.generation += 1;
            open.connection = None;
        }
    }
}

impl Connection {
    async fn ask<T: FromRedisValue>(&mut self, command: &Cmd) -> RedisResult<T> {
        match self {
            Self::One(manager) => command.query_async(manager).await,
            #[cfg(feature = "cluster")]
            Self::Cluster(cluster) => command.query_async(cluster).await,
        }
    }
}

impl std::fmt::Debug for Open {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // A connection's own `Debug` may show the user name.
        f.debug_struct("Open")
            .field("generation", &self.generation)
            .field("is_open", &self.connection.is_some())
            .finish()
    }
}

/// Whether an open connection broke. A server that refuses connections is away.
fn is_broken(error: &RedisError) -> bool {
    error.is_connection_dropped() && !error.is_connection_refusal()
}
