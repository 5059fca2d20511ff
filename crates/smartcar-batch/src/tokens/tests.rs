//! One fetch for many tasks, on a paused clock.

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::Duration;

use smartcar_model::ErrorKind;

use super::*;
use crate::token_source::TokenFuture;

/// What a source does besides counting.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Manner {
    Gives,
    Fails,
    Panics,
    /// 429 with a wait of ten seconds.
    Busy,
    /// Never completes.
    Hangs,
}

#[derive(Debug)]
struct Counting {
    begun: AtomicU64,
    finished: AtomicU64,
    takes: Duration,
    lifetime: Option<Duration>,
    manner: Mutex<Manner>,
}

impl Default for Counting {
    fn default() -> Self {
        Self {
            begun: AtomicU64::new(0),
            finished: AtomicU64::new(0),
            takes: Duration::from_millis(300),
            lifetime: None,
            manner: Mutex::new(Manner::Gives),
        }
    }
}

impl TokenSource for Counting {
    fn fetch(&self) -> TokenFuture<'_> {
        Box::pin(async {
            let count = self.begun.fetch_add(1, SeqCst) + 1;
            tokio::time::sleep(self.takes).await;
            self.finished.fetch_add(1, SeqCst);
            let manner = *self.manner.lock().unwrap();
            match manner {
                Manner::Gives => {}
                Manner::Fails => return Err(TokenError::new("the vault is closed")),
                Manner::Panics => panic!("a bug of the source"),
                Manner::Busy => {
                    let busy = TokenError::new("busy").with_status(429);
                    return Err(busy.retry_after(Duration::from_secs(10)));
                }
                Manner::Hangs => std::future::pending().await,
            }
            let issued = IssuedToken::new(AccessToken::new(format!("token-{count}"))?);
            Ok(match self.lifetime {
                Some(lifetime) => issued.with_lifetime(lifetime),
                None => issued,
            })
        })
    }
}

impl Counting {
    fn counts(&self) -> (u64, u64) {
        (self.begun.load(SeqCst), self.finished.load(SeqCst))
    }

    fn now(&self, manner: Manner) {
        *self.manner.lock().unwrap() = manner;
    }
}

fn tokens(source: Counting) -> (Arc<Counting>, Arc<Tokens>) {
    let source = Arc::new(source);
    (Arc::clone(&source), Arc::new(Tokens::of(source)))
}

fn manner(manner: Manner) -> Counting {
    let source = Counting::default();
    source.now(manner);
    source
}

/// Starts this many tasks that need a token at once.
async fn at_once(tokens: &Arc<Tokens>, tasks: usize) -> Vec<Result<Lease, Error>> {
    let tasks: Vec<_> = (0..tasks)
        .map(|_| {
            let tokens = Arc::clone(tokens);
            tokio::spawn(async move { tokens.current().await })
        })
        .collect();
    let mut outcomes = Vec::new();
    for task in tasks {
        outcomes.push(task.await.unwrap());
    }
    outcomes
}

#[tokio::test(start_paused = true)]
async fn a_hundred_refusals_cause_one_fetch() {
    let (source, tokens) = tokens(Counting::default());
    let refused = tokens.current().await.unwrap();
    let tasks: Vec<_> = (0..100)
        .map(|_| {
            let (tokens, refused) = (Arc::clone(&tokens), refused.clone());
            tokio::spawn(async move { tokens.after_refusal(&refused).await.unwrap().unwrap() })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap().generation, 2);
    }
    assert_eq!(source.counts(), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn a_failed_fetch_is_shared_by_those_who_waited_and_tried_again_later() {
    let (source, tokens) = tokens(manner(Manner::Fails));
    for outcome in at_once(&tokens, 50).await {
        let error = outcome.unwrap_err();
        assert_eq!(error.to_string(), "no access token: the vault is closed");
        assert!(!error.is_retryable());
    }
    assert_eq!(source.counts(), (1, 1));
    tokens.current().await.unwrap_err();
    assert_eq!(source.counts(), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn a_token_is_renewed_before_it_ends() {
    let (source, tokens) = tokens(Counting {
        lifetime: Some(Duration::from_secs(3600)),
        ..Counting::default()
    });
    tokens.current().await.unwrap();
    tokio::time::advance(Duration::from_secs(3600 - 61)).await;
    tokens.current().await.unwrap();
    assert_eq!(source.counts(), (1, 1));
    tokio::time::advance(Duration::from_secs(2)).await;
    tokens.current().await.unwrap();
    assert_eq!(source.counts(), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn a_fetch_goes_on_when_the_one_who_needed_it_leaves() {
    let (source, tokens) = tokens(Counting::default());
    let short = Duration::from_millis(100);
    assert!(tokio::time::timeout(short, tokens.current()).await.is_err());
    assert_eq!(tokens.current().await.unwrap().generation, 1);
    assert_eq!(source.counts(), (1, 1), "a refresh token is single-use");
    // Also if nobody waits.
    let (source, tokens) = self::tokens(Counting::default());
    assert!(tokio::time::timeout(short, tokens.current()).await.is_err());
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(source.counts(), (1, 1));
    assert_eq!(tokens.current().await.unwrap().generation, 1);
    assert_eq!(source.counts(), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_fetch_that_is_slower_than_its_callers_is_begun_once_and_finishes() {
    let (source, tokens) = tokens(Counting::default());
    let mut served = 0;
    for _ in 0..200 {
        let call = tokio::time::timeout(Duration::from_millis(200), tokens.current());
        served += u32::from(call.await.is_ok());
    }
    assert_eq!(source.counts(), (1, 1));
    assert_eq!(served, 199, "all but the first");
}

#[tokio::test(start_paused = true)]
async fn a_lifetime_of_zero_serves_all_who_waited() {
    let (source, tokens) = tokens(Counting {
        lifetime: Some(Duration::ZERO),
        ..Counting::default()
    });
    for lease in at_once(&tokens, 20).await {
        assert_eq!(lease.unwrap().generation, 1);
    }
    assert_eq!(source.counts(), (1, 1));
    tokens.current().await.unwrap();
    assert_eq!(source.counts(), (2, 2), "it is not kept");
}

#[tokio::test(start_paused = true)]
async fn a_panic_is_an_error_for_all_who_waited_and_the_next_fetches_anew() {
    let (source, tokens) = tokens(manner(Manner::Panics));
    for outcome in at_once(&tokens, 3).await {
        let error = outcome.unwrap_err();
        let says = "no access token: the token source panicked";
        assert_eq!(
            (error.kind(), &*error.to_string()),
            (ErrorKind::Token, says)
        );
    }
    assert_eq!(source.counts(), (1, 1));
    source.now(Manner::Gives);
    tokens.current().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn nobody_fetches_before_a_stated_wait_has_passed() {
    let (source, tokens) = tokens(manner(Manner::Busy));
    let error = tokens.current().await.unwrap_err();
    assert_eq!((error.is_retryable(), error.status()), (true, Some(429)));
    assert_eq!(error.retry_after(), Some(Duration::from_secs(10)));
    tokio::time::advance(Duration::from_secs(4)).await;
    let error = tokens.current().await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(6)));
    assert_eq!(source.counts(), (1, 1));
    source.now(Manner::Gives);
    tokio::time::advance(Duration::from_secs(6)).await;
    tokens.current().await.unwrap();
    assert_eq!(source.counts(), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn a_fetch_that_never_ends_is_given_up() {
    let (source, tokens) = tokens(manner(Manner::Hangs));
    let error = tokens.current().await.unwrap_err();
    let says = "no access token: the token source returned no token within 120 s";
    assert_eq!((&*error.to_string(), error.is_retryable()), (says, true));
    source.now(Manner::Gives);
    tokens.current().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_fetch_ends_with_the_client() {
    let (source, tokens) = tokens(Counting::default());
    let short = Duration::from_millis(100);
    assert!(tokio::time::timeout(short, tokens.current()).await.is_err());
    drop(tokens);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(source.counts(), (1, 0));
    assert_eq!(Arc::strong_count(&source), 1);
}

#[test]
fn a_fetch_whose_runtime_ended_is_begun_anew_on_the_next() {
    let (source, tokens) = tokens(Counting {
        takes: Duration::from_millis(30),
        ..Counting::default()
    });
    let runtime = || {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        builder.enable_time().build().unwrap()
    };
    runtime().block_on(async {
        let short = Duration::from_millis(5);
        assert!(tokio::time::timeout(short, tokens.current()).await.is_err());
    });
    assert_eq!(source.counts(), (1, 0));
    let lease = runtime().block_on(tokens.current()).unwrap();
    assert_eq!((lease.generation, source.counts()), (1, (2, 1)));
}
