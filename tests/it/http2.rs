//! HTTP/2: nothing is repeated in secret, and a connection that went silent
//! costs one call, not all that follow.

use std::time::{Duration, Instant};

use smartcar_batch::{
    AccessToken, Client, ErrorKind, Location, Odometer, RetryPolicy, Vehicle, VehicleId,
};
use smartcar_tests::{Discovery, Http2, OnRequest};

const BOTH: &str = r#"{"responses": [
    {"path": "/odometer", "code": 200, "body": {"distance": 37829}, "headers": {}},
    {"path": "/location", "code": 200, "body": {"latitude": 1.5, "longitude": 2.5}, "headers": {}}]}"#;

const DISCOVERIES: [Discovery; 2] = [Discovery::PriorKnowledge, Discovery::Alpn];

type Both = (Odometer, Location);

fn answer() -> OnRequest {
    OnRequest::Answer(BOTH.to_owned())
}

fn attempts(attempts: u32) -> RetryPolicy {
    let short = Duration::from_millis(1);
    RetryPolicy::standard()
        .attempts(attempts)
        .backoff(short, short, short)
}

async fn server(discovery: Discovery, scripts: Vec<Vec<OnRequest>>) -> Http2 {
    Http2::start(discovery, scripts).await.unwrap()
}

fn client(server: &Http2, policy: RetryPolicy, deadline: Duration) -> Client {
    let certificate = server.certificate().map(<[u8]>::to_vec);
    Client::builder()
        .access_token(AccessToken::new("token").unwrap())
        .api_origin(server.origin())
        .allow_plain_http()
        .configure_http(move |http| match &certificate {
            Some(der) => http.tls_certs_only([reqwest::Certificate::from_der(der).unwrap()]),
            None => http.http2_prior_knowledge(),
        })
        .retry(policy)
        .deadline(deadline)
        .build()
        .unwrap()
}

fn vehicle(server: &Http2, policy: RetryPolicy) -> Vehicle {
    numbered(&client(server, policy, Duration::from_secs(20)), 0)
}

fn numbered(client: &Client, number: u32) -> Vehicle {
    client.vehicle(VehicleId::new(format!("vehicle-{number}")).unwrap())
}

#[tokio::test]
async fn what_http_2_refused_is_counted_and_not_charged() {
    for discovery in DISCOVERIES {
        for refusal in [OnRequest::Refuse, OnRequest::GoAway] {
            let server = server(discovery, vec![vec![refusal.clone()]]).await;
            let asked = vehicle(&server, attempts(3)).batch::<Both>();
            let error = asked.send().await.unwrap_err();
            let told = format!("{discovery:?} {refusal:?}: {error}");
            assert_eq!(error.kind(), ErrorKind::Transport, "{told}");
            assert!(error.to_string().contains("not processed"), "{told}");
            assert_eq!(server.requests(), 3, "nothing repeats but us: {told}");
            assert_eq!((error.attempts(), error.requests()), (3, 3), "{told}");
            assert_eq!(error.charged(), 0, "{told}");
        }
    }
}

#[tokio::test]
async fn a_refusal_that_passes_is_repeated_by_us() {
    for discovery in DISCOVERIES {
        for (refusal, connections) in [(OnRequest::Refuse, 1), (OnRequest::GoAway, 2)] {
            let scripts = vec![vec![refusal, answer()], vec![answer()]];
            let server = server(discovery, scripts).await;
            let asked = vehicle(&server, attempts(3)).batch::<Both>();
            let response = asked.send().await.unwrap();
            assert!(response.all_ok());
            assert_eq!((response.attempts, response.requests), (2, 2));
            assert_eq!(response.charged, 2, "the second request's paths");
            assert_eq!((server.requests(), server.connections()), (2, connections));
        }
    }
}

#[tokio::test]
async fn a_connection_that_went_silent_costs_one_call() {
    for discovery in DISCOVERIES {
        let scripts = vec![vec![answer(), OnRequest::Freeze], vec![answer()]];
        let server = server(discovery, scripts).await;
        let client = client(&server, attempts(1), Duration::from_secs(10));
        let mut failed = 0;
        let since = Instant::now();
        for number in 0..8 {
            match numbered(&client, number).batch::<Both>().send().await {
                Ok(response) => assert!(response.all_ok()),
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::Transport, "{error}");
                    failed += 1;
                }
            }
        }
        assert_eq!(failed, 1, "{discovery:?}");
        assert_eq!(server.connections(), 2);
        // The pings' interval and time-out, and room for a busy machine.
        assert!(
            since.elapsed() < Duration::from_secs(6),
            "{:?}",
            since.elapsed()
        );
    }
}

#[tokio::test]
async fn after_a_timeout_the_next_call_has_a_connection_of_its_own() {
    for discovery in DISCOVERIES {
        let scripts = vec![vec![answer(), OnRequest::Ignore], vec![answer()]];
        let server = server(discovery, scripts).await;
        let client = client(&server, attempts(1), Duration::from_millis(400));
        numbered(&client, 0).batch::<Both>().send().await.unwrap();
        let error = numbered(&client, 1).batch::<Both>().send().await;
        assert_eq!(error.unwrap_err().kind(), ErrorKind::Timeout);
        for number in 2..5 {
            let next = numbered(&client, number).batch::<Both>().send().await;
            assert!(next.unwrap().all_ok(), "{discovery:?}");
        }
        assert_eq!((server.connections(), server.requests()), (2, 5));
    }
}
