//! The engines that other tests start: Valkey and NATS.
//!
//! Invariant: an engine keeps its port and its data when it is killed and restarted.

use std::time::Duration;

use smartcar_tests::Engine;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

async fn say(engine: &Engine, line: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", engine.port()))
        .await
        .unwrap();
    stream.write_all(line.as_bytes()).await.unwrap();
    let mut answer = [0; 1024];
    let read = stream.read(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer[..read]).into_owned()
}

#[tokio::test]
async fn valkey_keeps_what_was_written() {
    let mut engine = Engine::valkey().await.unwrap();
    let url = engine.url();
    assert_eq!(say(&engine, "SET a 1\r\n").await, "+OK\r\n");
    engine.kill();
    let address = ("127.0.0.1", engine.port());
    assert!(TcpStream::connect(address).await.is_err());
    engine.restart().await.unwrap();
    assert_eq!(engine.url(), url);
    assert_eq!(say(&engine, "GET a\r\n").await, "$1\r\n1\r\n");
}

#[tokio::test]
async fn nats_has_jetstream_and_starts_again() {
    let mut engine = Engine::nats().await.unwrap();
    for _ in 0..2 {
        let info = say(&engine, "").await;
        assert!(info.contains(r#""version":"2.15.1""#), "{info}");
        assert!(info.contains(r#""jetstream":true"#), "{info}");
        engine.restart().await.unwrap();
    }
}

#[tokio::test]
async fn several_run_at_once_and_end_when_dropped() {
    let one = Engine::valkey_with(&["--maxmemory 4mb"]).await.unwrap();
    let other = Engine::nats_with(&[]).await.unwrap();
    let third = Engine::valkey().await.unwrap();
    let ports = [one.port(), other.port(), third.port()];
    let folder = one.folder().to_owned();
    drop((one, other, third));
    for port in ports {
        let opened = TcpStream::connect(("127.0.0.1", port));
        let opened = tokio::time::timeout(Duration::from_secs(5), opened).await;
        assert!(opened.unwrap().is_err());
    }
    assert!(!folder.exists());
}
