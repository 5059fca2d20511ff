//! Servers that serve, and servers that do not.

use std::error::Error as _;

use async_nats::jetstream::stream::{Config, StorageType};
use smartcar_nats::{Queue, QueueError, async_nats};
use smartcar_tests::Engine;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

use crate::harness::{jetstream, without_schedules};

#[tokio::test]
async fn the_streams_are_made_as_stated() {
    let nats = Engine::nats().await.unwrap();
    // Several workers start at the same time.
    let url = nats.url();
    let (a, b, c) = tokio::join!(
        Queue::connect(&url),
        Queue::connect(&url),
        Queue::connect(&url)
    );
    a.unwrap();
    b.unwrap();
    c.unwrap();
    let raw = jetstream(&url).await;
    for (name, setting) in Queue::settings() {
        let has = if name == "smartcar-worker" {
            let stream = raw.get_stream("SMARTCAR_VEHICLES").await.unwrap();
            let info = stream.consumer_info(&name).await.unwrap();
            serde_json::to_value(info.config).unwrap()
        } else {
            let stream = raw.get_stream(&name).await.unwrap();
            serde_json::to_value(&stream.cached_info().config).unwrap()
        };
        for (key, value) in setting.as_object().unwrap() {
            // The server writes its defaults for zero.
            if *value != serde_json::json!(0) {
                assert_eq!(&has[key], value, "{name}: {key}");
            }
        }
    }
    let stream = raw.get_stream("SMARTCAR_OUTCOMES").await.unwrap();
    let config = &stream.cached_info().config;
    assert_eq!(config.storage, StorageType::File);
    assert_eq!(config.duplicate_window.as_secs(), 600);
    assert_eq!(config.max_age.as_secs(), 7 * 86_400);
}

#[tokio::test]
async fn a_stream_that_cannot_serve_is_named_with_its_setting_and_not_changed() {
    let nats = Engine::nats().await.unwrap();
    let raw = jetstream(&nats.url()).await;
    raw.create_stream(without_schedules()).await.unwrap();
    let error = Queue::connect(&nats.url()).await.unwrap_err();
    assert!(matches!(error, QueueError::Unsuitable { .. }), "{error:?}");
    let text = error.to_string();
    assert!(
        text.contains("SMARTCAR_VEHICLES") && text.contains("allow_msg_schedules: false"),
        "{text}"
    );
    let stream = raw.get_stream("SMARTCAR_VEHICLES").await.unwrap();
    assert!(!stream.cached_info().config.allow_message_schedules);

    // One that serves is used as it is.
    raw.delete_stream("SMARTCAR_VEHICLES").await.unwrap();
    let outcomes = Config {
        name: "SMARTCAR_OUTCOMES".to_owned(),
        subjects: vec!["smartcar.outcomes.>".to_owned()],
        max_messages: 5,
        ..Config::default()
    };
    raw.create_stream(outcomes).await.unwrap();
    Queue::connect(&nats.url()).await.unwrap();
    let stream = raw.get_stream("SMARTCAR_OUTCOMES").await.unwrap();
    assert_eq!(stream.cached_info().config.max_messages, 5);
}

#[tokio::test]
async fn a_server_without_jetstream_is_named_with_its_version() {
    let nats = Engine::nats_with(&[]).await.unwrap();
    let error = Queue::connect(&nats.url()).await.unwrap_err();
    assert!(matches!(error, QueueError::NoJetStream { .. }), "{error:?}");
    let text = error.to_string();
    assert!(text.starts_with("NATS server 2.1"), "{text}");
    assert!(text.contains("JetStream"), "{text}");
}

#[tokio::test]
async fn a_server_that_is_too_old_is_named_with_its_version() {
    // No server of that age is installed, so only its first lines are played.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("nats://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (read, mut write) = stream.into_split();
            let info = r#"INFO {"server_id":"x","version":"2.9.10","proto":1,"headers":true,"max_payload":1048576,"jetstream":true}"#;
            let _ = write.write_all(format!("{info}\r\n").as_bytes()).await;
            let mut lines = BufReader::new(read).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                if line.starts_with("PING") {
                    let _ = write.write_all(b"PONG\r\n").await;
                }
            }
        }
    });
    let error = Queue::connect(&url).await.unwrap_err();
    assert!(matches!(error, QueueError::TooOld { .. }), "{error:?}");
    assert!(
        error.to_string().contains("NATS server 2.9.10 is too old"),
        "{error}"
    );
}

#[tokio::test]
async fn a_server_that_is_away_at_the_start_is_an_error() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let url = format!("nats://user:secret@127.0.0.1:{port}");
    let error = Queue::connect(&url).await.unwrap_err();
    assert!(matches!(error, QueueError::Unreachable { .. }), "{error:?}");
    let text = format!("{error} {:?} {}", error, error.source().unwrap());
    assert!(!text.contains("secret"), "{text}");
}
