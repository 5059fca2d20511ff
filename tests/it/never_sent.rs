//! A connection that hangs while it is being opened: no byte of a request was sent,
//! and nothing is charged, however the wait ends.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::time::Duration;

use smartcar_batch::{
    AccessToken, Api, Attributes, BudgetDenied, BudgetFuture, BudgetKey, BudgetRequest, Client,
    ClientBuilder, ErrorKind, Fuel, Grant, Location, Odometer, RateBudget, RetryPolicy,
    ServerLimit, UserId, Vehicle, VehicleId,
};
use smartcar_tests::Canned;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::time::timeout;

const ONE: &str = r#"{"responses": [{"path": "/odometer", "code": 200, "body": {"distance": 1}, "headers": {}}]}"#;

/// A listener with a full queue: new connections to it hang.
struct Full {
    origin: String,
    _listener: TcpListener,
    _queued: Vec<TcpStream>,
}

impl Full {
    async fn start() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(1).unwrap();
        let address = listener.local_addr().unwrap();
        let mut queued = Vec::new();
        let short = Duration::from_millis(200);
        while let Ok(opened) = timeout(short, TcpStream::connect(address)).await {
            queued.push(opened.unwrap());
            assert!(queued.len() < 1000, "the queue is unlimited");
        }
        Self {
            origin: format!("http://{address}"),
            _listener: listener,
            _queued: queued,
        }
    }
}

/// Counts the units taken and given back.
#[derive(Debug, Default)]
struct Counting {
    taken: AtomicU32,
    back: AtomicU32,
}

impl RateBudget for Counting {
    fn acquire<'a>(
        &'a self,
        request: BudgetRequest<'a>,
    ) -> BudgetFuture<'a, Result<Grant, BudgetDenied>> {
        Box::pin(async move {
            self.taken.fetch_add(request.cost.get(), SeqCst);
            Ok(Grant::new(0))
        })
    }
    fn observe<'a>(&'a self, _: &'a BudgetKey, _: ServerLimit) -> BudgetFuture<'a, ()> {
        Box::pin(async {})
    }
    fn release<'a>(&'a self, request: BudgetRequest<'a>, _: Grant) -> BudgetFuture<'a, ()> {
        Box::pin(async move {
            self.back.fetch_add(request.cost.get(), SeqCst);
        })
    }
}

impl Counting {
    fn spent(&self) -> u32 {
        self.taken.load(SeqCst) - self.back.load(SeqCst)
    }
}

fn vehicle(builder: ClientBuilder, origin: &str, budget: &Arc<Counting>) -> Vehicle {
    builder
        .access_token(AccessToken::new("token-of-the-owner").unwrap())
        .api_origin(origin)
        .budget(Arc::clone(budget) as Arc<dyn RateBudget>)
        .build()
        .unwrap()
        .vehicle(VehicleId::new("vehicle-1").unwrap())
}

type Three = (Odometer, Location, Fuel);

#[tokio::test]
async fn a_deadline_while_the_connection_opens_costs_nothing() {
    let (server, budget) = (Full::start().await, Arc::new(Counting::default()));
    let vehicle = vehicle(Client::builder(), &server.origin, &budget);
    let second = Duration::from_millis(400);
    let request = vehicle.batch::<Three>().deadline(second);
    let error = request.send().await.unwrap_err();
    assert_eq!((error.kind(), error.charged()), (ErrorKind::Timeout, 0));
    assert_eq!(error.attempts(), 1);
    assert!(error.to_string().contains("could not be sent"), "{error}");
    assert_eq!((budget.taken.load(SeqCst), budget.spent()), (3, 0));
    // The same for a request without a body.
    let request = vehicle.get::<Attributes>().deadline(second);
    let error = request.send().await.unwrap_err();
    assert_eq!((error.charged(), budget.spent()), (0, 0));
}

#[tokio::test]
async fn attempts_that_end_while_the_connection_opens_cost_nothing() {
    let (server, budget) = (Full::start().await, Arc::new(Counting::default()));
    let short = Duration::from_millis(1);
    let policy = RetryPolicy::standard()
        .attempts(5)
        .attempt_timeout(Duration::from_millis(100))
        .backoff(short, short, short);
    let vehicle = vehicle(Client::builder().retry(policy), &server.origin, &budget);
    let error = vehicle.batch::<Three>().send().await.unwrap_err();
    assert_eq!((error.attempts(), error.charged()), (5, 0));
    assert_eq!((budget.taken.load(SeqCst), budget.spent()), (15, 0));
}

#[tokio::test]
async fn a_call_dropped_while_the_connection_opens_costs_nothing() {
    let (server, budget) = (Full::start().await, Arc::new(Counting::default()));
    let vehicle = vehicle(Client::builder(), &server.origin, &budget);
    let call = vehicle.batch::<Three>().send();
    assert!(timeout(Duration::from_millis(200), call).await.is_err());
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!((budget.taken.load(SeqCst), budget.spent()), (3, 0));
}

#[tokio::test]
async fn version_3_is_no_dearer() {
    let (server, budget) = (Full::start().await, Arc::new(Counting::default()));
    let singles = NonZeroU32::new(1000).unwrap();
    let builder = Client::builder().api(Api::V3).signals_cost(singles);
    let vehicle = vehicle(builder, &server.origin, &budget);
    let vehicle = vehicle.with_user(UserId::new("user-1").unwrap());
    let paths = (0..30).map(|number| format!("/signals/group-signal{number}"));
    let request = vehicle.batch_paths(paths).unwrap();
    let request = request.deadline(Duration::from_millis(400));
    let error = request.send().await.unwrap_err();
    assert_eq!((error.kind(), error.charged()), (ErrorKind::Timeout, 0));
    assert_eq!((budget.taken.load(SeqCst), budget.spent()), (30, 0));
}

/// A request that was sent but not answered is charged, with or without a body.
#[tokio::test]
async fn a_request_that_was_sent_is_charged() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    // Reads and never responds.
    let server = tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            open.push(stream);
        }
    });
    let budget = Arc::new(Counting::default());
    let vehicle = vehicle(Client::builder(), &origin, &budget);
    let short = Duration::from_millis(300);
    let error = vehicle.batch::<Three>().deadline(short).send().await;
    let error = error.unwrap_err();
    assert_eq!((error.kind(), error.charged()), (ErrorKind::Timeout, 3));
    assert!(
        error.to_string().contains("no complete response"),
        "{error}"
    );
    let request = vehicle.get::<Attributes>().deadline(short);
    assert_eq!(request.send().await.unwrap_err().charged(), 1);
    assert_eq!(budget.spent(), 4);
    server.abort();
}

/// Tracking must not change the request: a body has a length, and no body has none.
#[tokio::test]
async fn the_requests_are_the_same_on_the_wire() {
    let server = Canned::json(ONE).await.unwrap();
    let budget = Arc::new(Counting::default());
    let vehicle = vehicle(Client::builder(), server.origin(), &budget);
    vehicle.batch::<(Odometer,)>().send().await.unwrap();
    // The response does not match this request; only the request matters here.
    let _ = vehicle.get::<Attributes>().send().await;
    let requests = server.requests();
    let (post, get) = (&requests[0], &requests[1]);
    let body = r#"{"requests":[{"path":"/odometer"}]}"#;
    assert!(post.ends_with(body), "{post}");
    let length = format!("content-length: {}\r\n", body.len());
    assert!(post.to_ascii_lowercase().contains(&length), "{post}");
    for request in [post, get] {
        assert!(!request.to_ascii_lowercase().contains("transfer-encoding"));
    }
    assert!(
        !get.to_ascii_lowercase().contains("content-length"),
        "{get}"
    );
}
