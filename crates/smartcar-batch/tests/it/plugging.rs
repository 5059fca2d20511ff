//! Custom parts of a client: settings of the HTTP client, and a transport in its
//! place.
//!
//! Invariant: all servers run on this machine; requests to other hosts go to a proxy
//! on this machine.

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use smartcar_batch::testing::{Answer, CannedTransport};
use smartcar_batch::{
    AccessToken, Api, BudgetKey, BudgetRequest, Client, ClientBuilder, ClientCredentials,
    ClientSecret, ErrorKind, Fuel, HttpTransport, InProcessBudget, IssuedToken, Odometer,
    RateBudget, RetryPolicy, TokenFuture, TokenSource, Transport, TransportError, TransportFuture,
    UserId, Vehicle, VehicleId, bytes::Bytes, http, reqwest,
};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

const ODOMETER: &str = r#"{"distance": 18250.6}"#;

fn builder() -> ClientBuilder {
    Client::builder()
        .access_token(AccessToken::new("token").unwrap())
        .retry(RetryPolicy::none())
        .deadline(Duration::from_secs(20))
}

fn vehicle(builder: ClientBuilder) -> Vehicle {
    let client = builder.build().unwrap();
    client.vehicle(VehicleId::new("car-1").unwrap())
}

/// Reads the head of a request, responds to it, and returns the head.
async fn exchange(mut stream: impl AsyncRead + AsyncWrite + Unpin, answer: &str) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).await.unwrap_or(0) > 0 {
        head.push(byte[0]);
    }
    // The client may be gone already.
    let _ = stream.write_all(answer.as_bytes()).await;
    let _ = stream.shutdown().await;
    String::from_utf8_lossy(&head).into_owned()
}

fn json(body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
}

/// A server that sends the same response to every request and keeps their heads.
async fn server(answer: String) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let heads = Arc::<Mutex<Vec<String>>>::default();
    let kept = Arc::clone(&heads);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let head = exchange(stream, &answer).await;
            kept.lock().unwrap().push(head);
        }
    });
    (origin, heads)
}

/// A server with a certificate of a private authority. Returns its origin and the
/// authority's certificate.
async fn tls_server() -> (String, Vec<u8>) {
    let authority_key = KeyPair::generate().unwrap();
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    // With equal names, OpenSSL takes what it issues for self-signed.
    let name = "A private authority";
    authority.distinguished_name.push(DnType::CommonName, name);
    let root = authority.self_signed(&authority_key).unwrap();
    let root = root.der().to_vec();
    let issuer = Issuer::new(authority, authority_key);
    let key = KeyPair::generate().unwrap();
    let own = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let own = own.signed_by(&key, &issuer).unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![own.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!(
        "https://localhost:{}",
        listener.local_addr().unwrap().port()
    );
    let serve = move |stream: TcpStream| {
        let acceptor = acceptor.clone();
        async move {
            if let Ok(stream) = acceptor.accept(stream).await {
                exchange(stream, &json(ODOMETER)).await;
            }
        }
    };
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream));
        }
    });
    (origin, root)
}

#[tokio::test]
async fn a_root_of_ones_own_is_trusted_and_nothing_else_is() {
    let (origin, root) = tls_server().await;
    let request = vehicle(builder().api_origin(&origin)).get::<Odometer>();
    let error = request.send().await.unwrap_err();
    assert!(error.is_transport(), "{error}");
    assert_eq!(error.charged(), 0, "no byte of the request was sent");

    let root = reqwest::Certificate::from_der(&root).unwrap();
    let builder = builder()
        .api_origin(&origin)
        .configure_http(|http| http.tls_certs_merge([root]));
    let odometer = vehicle(builder)
        .get::<Odometer>()
        .send()
        .await
        .unwrap()
        .data;
    assert_eq!(odometer.body, serde_json::from_str(ODOMETER).unwrap());
}

#[tokio::test]
async fn a_proxy_is_used_for_every_server() {
    let (proxy, heads) = server(json(ODOMETER)).await;
    let through = |proxy: &str| {
        let proxy = reqwest::Proxy::all(proxy).unwrap();
        move |http: reqwest::ClientBuilder| http.proxy(proxy)
    };
    let builder = builder()
        .api_origin("http://api.example")
        .allow_plain_http()
        .configure_http(through(&proxy));
    vehicle(builder).get::<Odometer>().send().await.unwrap();
    let head = heads.lock().unwrap().pop().unwrap();
    let url = "GET http://api.example/v2.0/vehicles/car-1/odometer ";
    assert!(head.starts_with(url), "{head}");

    // A configured proxy is used for servers on this machine too.
    let local = self::builder()
        .api_origin("http://127.0.0.1:9")
        .configure_http(through(&proxy));
    vehicle(local).get::<Odometer>().send().await.unwrap();
    let head = heads.lock().unwrap().pop().unwrap();
    assert!(head.starts_with("GET http://127.0.0.1:9/"), "{head}");

    // The token server, through the same proxy.
    let secret = ClientSecret::new("secret").unwrap();
    let credentials = ClientCredentials::new("client_1", secret).unwrap();
    let v3 = Client::builder()
        .api(Api::V3)
        .token_source(credentials)
        .configure_http(through(&proxy));
    let user = UserId::new("user-1").unwrap();
    let v3 = vehicle(v3).with_user(user);
    let error = v3.get::<Odometer>().send().await.unwrap_err();
    assert!(error.is_token(), "{error}");
    let head = heads.lock().unwrap().pop().unwrap();
    assert!(head.starts_with("CONNECT iam.smartcar.com:443 "), "{head}");
}

#[tokio::test]
async fn what_always_holds_cannot_be_configured_away() {
    let (target, followed) = server(json(ODOMETER)).await;
    let redirect = format!(
        "HTTP/1.1 307 Temporary Redirect\r\nlocation: {target}/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    );
    let (origin, heads) = server(redirect).await;
    let builder = builder().api_origin(&origin).configure_http(|http| {
        http.redirect(reqwest::redirect::Policy::limited(9))
            .https_only(true)
    });
    let error = vehicle(builder).get::<Odometer>().send().await.unwrap_err();
    assert_eq!((error.status(), error.is_api()), (Some(307), false));
    assert_eq!(heads.lock().unwrap().len(), 1);
    assert_eq!(followed.lock().unwrap().len(), 0);
}

#[tokio::test]
async fn settings_made_twice_are_both_made() {
    let (proxy, heads) = server(json(ODOMETER)).await;
    let proxy = reqwest::Proxy::all(proxy).unwrap();
    let calls = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&calls);
    let builder = builder()
        .api_origin("http://127.0.0.1:9")
        .configure_http(|http| http.proxy(proxy))
        .configure_http(move |http| {
            counted.fetch_add(1, SeqCst);
            http.pool_max_idle_per_host(1)
        });
    vehicle(builder).get::<Odometer>().send().await.unwrap();
    assert_eq!((calls.load(SeqCst), heads.lock().unwrap().len()), (1, 1));
}

#[derive(Debug)]
struct Vault;

impl TokenSource for Vault {
    fn fetch(&self) -> TokenFuture<'_> {
        Box::pin(async { Ok(IssuedToken::new(AccessToken::new("vault")?)) })
    }
}

#[test]
fn settings_that_exclude_each_other_are_refused_by_their_names() {
    let both_tokens = builder().token_source(Vault);
    let both_carriers = builder()
        .transport(CannedTransport::new())
        .configure_http(|http| http);
    for (builder, names) in [
        (both_tokens, ["`access_token`", "`token_source`"]),
        (both_carriers, ["`configure_http`", "`transport`"]),
    ] {
        let error = builder.build().unwrap_err();
        assert!(error.is_invalid_request());
        let text = error.to_string();
        assert!(names.iter().all(|name| text.contains(name)), "{text}");
    }
}

#[test]
fn a_wrong_origin_is_called_by_its_own_name() {
    let far = "http://far.example";
    let secret = ClientSecret::new("secret").unwrap();
    let credentials = ClientCredentials::new("client_1", secret).unwrap();
    for (name, error) in [
        ("api_origin", builder().api_origin(far).build().map(drop)),
        (
            "management_origin",
            builder().management_origin(far).build().map(drop),
        ),
        ("auth_origin", credentials.auth_origin(far).map(drop)),
    ] {
        let error = error.unwrap_err().to_string();
        assert!(error.contains(&format!("`{name}`")), "{error}");
    }
}

/// Counts the requests of another transport.
struct Counting<T> {
    inner: T,
    sent: AtomicU32,
}

impl<T: Transport> Transport for Counting<T> {
    fn send(&self, request: http::Request<Bytes>) -> TransportFuture<'_> {
        self.sent.fetch_add(1, SeqCst);
        self.inner.send(request)
    }
}

#[tokio::test]
async fn a_middleware_sees_each_request_over_the_http_client() {
    let (origin, heads) = server(json(ODOMETER)).await;
    let inner = HttpTransport::configured(reqwest::ClientBuilder::no_proxy).unwrap();
    let counting = Arc::new(Counting {
        inner,
        sent: AtomicU32::new(0),
    });
    let builder = builder()
        .api_origin(&origin)
        .transport(Arc::clone(&counting));
    let vehicle = vehicle(builder);
    for count in 1..4 {
        let odometer = vehicle.get::<Odometer>().send().await.unwrap();
        assert_eq!(odometer.charged, 1);
        assert_eq!(counting.sent.load(SeqCst), count);
    }
    let heads = heads.lock().unwrap();
    assert_eq!(heads.len(), 3);
    assert!(heads[0].contains("authorization: Bearer token\r\n"));
}

#[tokio::test]
async fn the_http_transport_says_what_was_not_sent_and_keeps_to_its_cap() {
    let unused = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let closed = format!("http://{}", unused.local_addr().unwrap());
    drop(unused);
    let transport = HttpTransport::configured(reqwest::ClientBuilder::no_proxy).unwrap();
    let vehicle_at = |origin: &str| {
        let builder = builder().transport(transport.clone());
        vehicle(builder.api_origin(origin).body_cap(64))
    };
    let error = vehicle_at(&closed).get::<Odometer>().send().await;
    let error = error.unwrap_err();
    assert_eq!((error.kind(), error.charged()), (ErrorKind::Transport, 0));

    let long = format!(r#"{{"distance": 1.5, "more": "{}"}}"#, "x".repeat(64));
    let (origin, _) = server(json(&long)).await;
    let error = vehicle_at(&origin).get::<Odometer>().send().await;
    let error = error.unwrap_err();
    assert_eq!((error.kind(), error.charged()), (ErrorKind::Decode, 1));
}

#[tokio::test(start_paused = true)]
async fn a_transport_is_dropped_at_the_deadline() {
    /// Counts the pending and the dropped requests.
    struct Hanging(Arc<AtomicU32>);
    struct Held(Arc<AtomicU32>);
    impl Drop for Held {
        fn drop(&mut self) {
            self.0.fetch_add(1, SeqCst);
        }
    }
    impl Transport for Hanging {
        fn send(&self, _: http::Request<Bytes>) -> TransportFuture<'_> {
            let held = Held(Arc::clone(&self.0));
            Box::pin(async move {
                let _held = held;
                std::future::pending::<Result<_, TransportError>>().await
            })
        }
    }
    let dropped = Arc::new(AtomicU32::new(0));
    let vehicle = vehicle(builder().transport(Hanging(Arc::clone(&dropped))));
    let request = vehicle.get::<Odometer>().deadline(Duration::from_secs(7));
    let error = request.send().await.unwrap_err();
    assert!(error.is_timeout(), "{error}");
    assert_eq!((error.charged(), dropped.load(SeqCst)), (1, 1));
}

#[tokio::test]
async fn a_value_and_an_arc_are_plugged_in_the_same_way() {
    let canned = || CannedTransport::new().on("/odometer", Answer::ok(ODOMETER));
    let shared: Arc<dyn Transport> = Arc::new(canned());
    let source: Arc<dyn TokenSource> = Arc::new(Vault);
    let budget: Arc<dyn RateBudget> = Arc::new(InProcessBudget::unlimited());
    for builder in [
        Client::builder()
            .token_source(Vault)
            .budget(InProcessBudget::unlimited())
            .transport(canned()),
        Client::builder()
            .token_source(Arc::clone(&source))
            .budget(Arc::clone(&budget))
            .transport(Arc::clone(&shared)),
        Client::builder()
            .token_source(Arc::new(Vault))
            .budget(Arc::new(InProcessBudget::unlimited()))
            .transport(Arc::new(canned())),
    ] {
        let answered = vehicle(builder).get::<Odometer>().send().await;
        assert_eq!(answered.unwrap().charged, 1);
    }
    let keys = [BudgetKey::Application];
    let request = BudgetRequest::new(&keys, 1.try_into().unwrap());
    let grant = budget.acquire(request).await.unwrap();
    budget.release(request, grant).await;
}

#[tokio::test]
async fn the_tokens_request_goes_over_the_transport_too() {
    let canned = CannedTransport::new().on(
        "/signals/odometer-traveleddistance",
        Answer::ok(r#"{"value": 7.5, "unit": "kilometers"}"#),
    );
    let secret = ClientSecret::new("hush-hush").unwrap();
    let credentials = ClientCredentials::new("client_1", secret).unwrap();
    let builder = Client::builder()
        .api(Api::V3)
        .token_source(Arc::new(credentials))
        .transport(canned.clone());
    let vehicle = vehicle(builder).with_user(UserId::new("user-1").unwrap());
    let batch = vehicle.batch::<(Odometer, Fuel)>();
    let (odometer, fuel) = batch.send().await.unwrap().data;
    assert!((odometer.unwrap().distance - 7.5).abs() < 1e-9);
    assert!(fuel.unwrap_err().is_missing());
    let requests = canned.requests();
    let targets: Vec<_> = requests.iter().map(|it| it.target.as_str()).collect();
    assert_eq!(targets, ["/oauth2/token", "/v3/vehicles/car-1/signals"]);
    assert_eq!(requests[1].user.as_deref(), Some("user-1"));
    assert!(!format!("{requests:?}").contains("hush-hush"));
}
