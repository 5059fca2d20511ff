//! The router for axum, request by request.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use http_body_util::BodyExt;
use smartcar_webhook::axum::{Routes, VehicleState};
use smartcar_webhook::{LARGEST_BODY, Odometer, sign};
use tower_service::Service;

use crate::support::{receiver, token, with_signals};

async fn send(router: &mut Router, request: Request<Body>) -> (u16, String) {
    let response = router.call(request).await.unwrap();
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

fn signed(body: &str) -> Request<Body> {
    let signature = sign(&token(), body.as_bytes());
    Request::post("/any/path?x=1")
        .header("SC-Signature", signature)
        .body(Body::from(body.to_owned()))
        .unwrap()
}

#[tokio::test]
async fn ok_is_200_once_and_err_is_503_until_it_succeeds() {
    let (works, calls) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicUsize::new(0)),
    );
    let (asked, counted) = (Arc::clone(&works), Arc::clone(&calls));
    let mut router = Routes::new(receiver())
        .on_state(move |delivery: VehicleState<(Odometer,)>| {
            counted.fetch_add(1, Ordering::SeqCst);
            let distance = delivery.batch.unwrap().data.0.unwrap().distance;
            assert_eq!(distance.to_string(), "7.5");
            let works = asked.load(Ordering::SeqCst);
            async move {
                if works {
                    Ok(())
                } else {
                    Err("the disk is full")
                }
            }
        })
        .into_router();
    let body =
        with_signals(r#"[{"code":"odometer-traveleddistance","body":{"value":7.5,"unit":"km"}}]"#);
    for (works_now, status, count) in [
        (false, 503, 1),
        (false, 503, 2),
        (true, 200, 3),
        (true, 200, 3),
    ] {
        works.store(works_now, Ordering::SeqCst);
        assert_eq!(send(&mut router, signed(&body)).await.0, status);
        assert_eq!(calls.load(Ordering::SeqCst), count);
    }
    let test = body.replacen("LIVE", "TEST", 1).replacen("e1", "e2", 1);
    assert_eq!(send(&mut router, signed(&test)).await.0, 200);
    assert_eq!(calls.load(Ordering::SeqCst), 3, "a test is not handled");
}

#[tokio::test]
async fn what_is_refused_is_answered_as_the_spec_says() {
    let mut router = Routes::new(receiver()).into_router();
    let body = with_signals("[]");
    let request = |builder: axum::http::request::Builder, body: &str| {
        builder.body(Body::from(body.to_owned())).unwrap()
    };
    for (sent, status) in [
        (
            request(Request::get("/"), ""),
            StatusCode::METHOD_NOT_ALLOWED,
        ),
        (request(Request::post("/"), &body), StatusCode::UNAUTHORIZED),
        (signed("{}"), StatusCode::BAD_REQUEST),
        (
            signed(&" ".repeat(LARGEST_BODY + 1)),
            StatusCode::PAYLOAD_TOO_LARGE,
        ),
        (
            request(Request::post("/").header("Content-Encoding", "gzip"), &body),
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ),
    ] {
        assert_eq!(send(&mut router, sent).await.0, status.as_u16());
    }
    let get = router.call(request(Request::get("/"), "")).await.unwrap();
    assert_eq!(get.headers()["allow"], "POST");
    let (status, text) = send(&mut router, request(Request::post("/"), &body)).await;
    assert_eq!(status, 401);
    assert_eq!(text, r#"{"error":"there is no SC-Signature"}"#);
    let verify = r#"{"eventType":"VERIFY","data":{"challenge":"abc"}}"#;
    let (status, text) = send(&mut router, request(Request::post("/"), verify)).await;
    let expected = format!(r#"{{"challenge":"{}"}}"#, sign(&token(), b"abc"));
    assert_eq!((status, text), (200, expected));
}

#[tokio::test]
async fn every_answer_is_json() {
    let mut router = Routes::new(receiver())
        .on_state(|delivery: VehicleState<(Odometer,)>| async move {
            match delivery.state.event_id() {
                Some("e1") => Ok(()),
                _ => Err(()),
            }
        })
        .into_router();
    let body = with_signals("[]");
    for request in [
        signed(&body),
        signed(&body),
        signed(&body.replacen("e1", "e2", 1)),
        signed("x"),
        Request::get("/").body(Body::empty()).unwrap(),
    ] {
        let response = router.call(request).await.unwrap();
        assert_eq!(response.headers()["content-type"], "application/json");
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        let object: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        assert!(object.is_object());
    }
}

#[tokio::test]
async fn a_handler_ends_its_work_after_the_sender_hung_up() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let (go, gate) = tokio::sync::watch::channel(false);
    let mut router = Routes::new(receiver())
        .on_state(move |_: VehicleState<(Odometer,)>| {
            let (counted, mut gate) = (Arc::clone(&counted), gate.clone());
            async move {
                gate.wait_for(|is_open| *is_open).await.unwrap();
                counted.fetch_add(1, Ordering::SeqCst);
                Ok::<(), ()>(())
            }
        })
        .into_router();
    let body = with_signals("[]");
    let hung_up = tokio::time::timeout(Duration::from_millis(20), router.call(signed(&body)));
    assert!(hung_up.await.is_err());
    assert_eq!(send(&mut router, signed(&body)).await.0, 503, "it is busy");
    go.send_replace(true);
    while calls.load(Ordering::SeqCst) == 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    while send(&mut router, signed(&body)).await.0 == 503 {}
    assert_eq!(send(&mut router, signed(&body)).await.0, 200);
    assert_eq!(calls.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_handler_that_panics_is_503() {
    let mut router = Routes::new(receiver())
        .on_state(|delivery: VehicleState<(Odometer,)>| async move {
            assert!(delivery.state.event_id().is_none(), "on purpose");
            Ok::<(), ()>(())
        })
        .into_router();
    for _ in 0..2 {
        let answer = send(&mut router, signed(&with_signals("[]"))).await;
        assert_eq!(answer.0, 503);
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_never_ends_is_given_up() {
    let mut router = Routes::new(receiver()).into_router();
    let endless =
        Body::from_stream(futures_util::stream::pending::<Result<&[u8], std::io::Error>>());
    let request = Request::post("/").body(endless).unwrap();
    let answer = tokio::time::timeout(Duration::from_secs(60), send(&mut router, request));
    assert_eq!(answer.await.unwrap().0, 408);
}
