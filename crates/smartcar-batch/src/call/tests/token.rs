//! Tokens that arrive late.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::time::Duration;

use futures_util::{StreamExt, stream};
use tokio::time::Instant;

use super::limits::per_vehicle;
use super::{Script, Step, api, client_of, seconds, tokenless, vehicle_of};
use crate::{
    AccessToken, ErrorKind, IssuedToken, Odometer, TokenError, TokenFuture, TokenSource, VehicleId,
};

/// A source that fails a given number of times, then succeeds.
#[derive(Debug)]
struct Later {
    failures: u32,
    fetched: AtomicU32,
    wait: Option<Duration>,
}

impl Later {
    fn new(failures: u32, wait: Option<Duration>) -> Arc<Self> {
        Arc::new(Self {
            failures,
            fetched: AtomicU32::new(0),
            wait,
        })
    }
}

impl TokenSource for Arc<Later> {
    fn fetch(&self) -> TokenFuture<'_> {
        Box::pin(async {
            if self.fetched.fetch_add(1, SeqCst) < self.failures {
                let busy = TokenError::new("busy");
                return Err(match self.wait {
                    Some(wait) => busy.with_status(429).retry_after(wait),
                    None => busy.with_status(503).retryable(),
                });
            }
            Ok(IssuedToken::new(AccessToken::new("token")?))
        })
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_endpoint_that_is_busy_is_asked_again_within_the_attempts() {
    // One stated second plus ten of back-off; then one of back-off.
    for (wait, total) in [(Some(seconds(1)), 11), (None, 1)] {
        let script = Script::default();
        let source = Later::new(1, wait);
        let vehicle = vehicle_of(tokenless().token_source(Arc::clone(&source)), &script);
        let start = Instant::now();
        let answered = vehicle.batch::<(Odometer,)>().send().await.unwrap();
        assert_eq!((answered.attempts, answered.charged), (1, 1));
        assert_eq!((start.elapsed(), script.sent().len()), (seconds(total), 1));
        assert_eq!(source.fetched.load(SeqCst), 2);
    }
    let script = Script::default();
    let source = Later::new(9, Some(seconds(1)));
    let vehicle = vehicle_of(tokenless().token_source(Arc::clone(&source)), &script);
    let error = vehicle.batch::<(Odometer,)>().send().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.status()),
        (ErrorKind::Token, Some(429))
    );
    assert_eq!((error.attempts(), error.charged()), (0, 0));
    assert!(error.is_retryable() && error.retry_at().is_some());
    assert_eq!(error.retry_after(), Some(seconds(1)));
    assert_eq!(source.fetched.load(SeqCst), 3);
    assert!(script.sent().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_waits_for_a_busy_endpoint_too() {
    let refused = Step::Answer(401, Vec::new(), api("AUTHENTICATION", None, None));
    let script = Script::of([refused]);
    #[derive(Debug)]
    struct ThenBusy(AtomicU32);
    impl TokenSource for ThenBusy {
        fn fetch(&self) -> TokenFuture<'_> {
            Box::pin(async {
                match self.0.fetch_add(1, SeqCst) {
                    1 => Err(TokenError::new("busy").retry_after(seconds(5))),
                    _ => Ok(IssuedToken::new(AccessToken::new("token")?)),
                }
            })
        }
    }
    let builder = tokenless().token_source(ThenBusy(AtomicU32::new(0)));
    let vehicle = vehicle_of(builder, &script);
    let answered = vehicle.batch::<(Odometer,)>().send().await.unwrap();
    assert_eq!(answered.attempts, 2);
    assert_eq!(script.waits(), [seconds(6)]);
}

#[tokio::test(start_paused = true)]
async fn a_fleet_waits_for_the_token_endpoint_and_loses_no_vehicle() {
    // Longer than the fleet waits for one vehicle, and longer than a call may take.
    let source = Later::new(1, Some(seconds(600)));
    let script = Script::default();
    let client = client_of(tokenless().token_source(Arc::clone(&source)), &script);
    let ids = (0..40).map(|id| VehicleId::new(format!("vehicle-{id}")).unwrap());
    let fleet = client.fleet::<(Odometer,)>().run(stream::iter(ids));
    let outcomes: Vec<_> = fleet.collect().await;
    assert_eq!(outcomes.len(), 40);
    assert!(outcomes.iter().all(|outcome| outcome.result.is_ok()));
    assert_eq!(source.fetched.load(SeqCst), 2);
}

#[tokio::test(start_paused = true)]
async fn a_source_slower_than_every_deadline_is_asked_once() {
    #[derive(Debug, Default)]
    struct Slow(AtomicU32);
    impl TokenSource for Arc<Slow> {
        fn fetch(&self) -> TokenFuture<'_> {
            Box::pin(async {
                self.0.fetch_add(1, SeqCst);
                tokio::time::sleep(Duration::from_millis(300)).await;
                Ok(IssuedToken::new(AccessToken::new("token")?))
            })
        }
    }
    let (source, script) = (Arc::new(Slow::default()), Script::default());
    let vehicle = vehicle_of(tokenless().token_source(Arc::clone(&source)), &script);
    let short = || {
        let request = vehicle.batch::<(Odometer,)>();
        request.deadline(Duration::from_millis(200)).send()
    };
    assert_eq!(short().await.unwrap_err().kind(), ErrorKind::Timeout);
    short().await.unwrap();
    assert_eq!(source.0.load(SeqCst), 1);
}

/// The budget was there in time, and the token that expired meanwhile was not.
#[tokio::test(start_paused = true)]
async fn nothing_is_sent_if_a_token_comes_too_late_after_the_wait_for_the_budget() {
    #[derive(Debug, Default)]
    struct Once(AtomicU32);
    impl TokenSource for Once {
        fn fetch(&self) -> TokenFuture<'_> {
            Box::pin(async {
                if self.0.fetch_add(1, SeqCst) > 0 {
                    std::future::pending::<()>().await;
                }
                let token = IssuedToken::new(AccessToken::new("token")?);
                Ok(token.with_lifetime(seconds(100)))
            })
        }
    }
    let script = Script::default();
    let builder = tokenless().token_source(Once::default());
    let vehicle = vehicle_of(builder.budget(per_vehicle(1, 110)), &script);
    let call = || {
        let request = vehicle.batch::<(Odometer,)>();
        request.deadline(seconds(115)).send()
    };
    call().await.unwrap();
    let error = call().await.unwrap_err();
    assert_eq!((error.kind(), error.charged()), (ErrorKind::Timeout, 0));
    assert_eq!((error.requests(), script.sent().len()), (0, 1));
}
