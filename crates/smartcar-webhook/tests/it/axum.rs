//! The router for axum, request by request.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

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
    let (status, text) = send(&mut router, request(Request::post("/"), &body)).await;
    assert_eq!(status, 401);
    assert_eq!(text, r#"{"error":"there is no SC-Signature"}"#);
    let verify = r#"{"eventType":"VERIFY","data":{"challenge":"abc"}}"#;
    let (status, text) = send(&mut router, request(Request::post("/"), verify)).await;
    let expected = format!(r#"{{"challenge":"{}"}}"#, sign(&token(), b"abc"));
    assert_eq!((status, text), (200, expected));
}
