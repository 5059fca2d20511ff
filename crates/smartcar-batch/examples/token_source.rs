//! Access tokens from an OAuth token endpoint, refreshed when they expire.
//!
//! It exchanges an owner's code for tokens at the simulator's `POST /oauth/token`,
//! sends a request, lets the access token expire, and sends ten more: one refresh
//! serves all ten tasks.
//!
//! ```text
//! cargo run --example token_source
//! ```
//!
//! Smartcar's own endpoint for this is `https://auth.smartcar.com/oauth/token`.
//!
//! This is for v2.0, whatever `SMARTCAR_API` says, because only v2.0 accepts an
//! owner's token. v3 needs the application's token, and the library has a source for
//! it: `ClientCredentials`.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use serde::Deserialize;
use smartcar_batch::{
    AccessToken, Client, IssuedToken, Odometer, TokenError, TokenFuture, TokenSource, VehicleId,
};
use smartcar_simulator::{DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET, Simulator};
use tokio::sync::Mutex;
use tokio::task::JoinSet;

/// Gets access tokens for one owner.
struct OAuth {
    http: reqwest::Client,
    endpoint: String,
    client_id: String,
    client_secret: String,
    /// The grant for the next request. A service stores it in its database: each
    /// refresh token is single-use and expires about a minute after its use.
    grant: Mutex<Grant>,
}

/// What an access token is exchanged for.
enum Grant {
    /// The code from the redirect after the owner's consent; single-use.
    Code(String),
    /// The refresh token from the last response.
    RefreshToken(String),
}

/// The response of the endpoint.
#[derive(Deserialize)]
struct Tokens {
    access_token: String,
    expires_in: u64,
    refresh_token: String,
}

impl OAuth {
    async fn tokens(&self) -> Result<IssuedToken, TokenError> {
        let mut grant = self.grant.lock().await;
        let form = match &*grant {
            Grant::Code(code) => [("grant_type", "authorization_code"), ("code", code)],
            Grant::RefreshToken(token) => {
                [("grant_type", "refresh_token"), ("refresh_token", token)]
            }
        };
        let request = self
            .http
            .post(&self.endpoint)
            .basic_auth(&self.client_id, Some(&self.client_secret))
            .form(&form);
        let answer = request.send().await?.error_for_status()?;
        let tokens: Tokens = answer.json().await?;
        // Stored before anything else can fail: the old grant is used up.
        *grant = Grant::RefreshToken(tokens.refresh_token);
        let token = AccessToken::new(tokens.access_token)?;
        Ok(IssuedToken::new(token).with_lifetime(Duration::from_secs(tokens.expires_in)))
    }
}

impl TokenSource for OAuth {
    fn fetch(&self) -> TokenFuture<'_> {
        Box::pin(self.tokens())
    }
}

impl fmt::Debug for OAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without the secret and the grant.
        f.debug_struct("OAuth")
            .field("endpoint", &self.endpoint)
            .finish_non_exhaustive()
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let simulator = Simulator::start().await?;
    let code = simulator.authorization_code(["read_odometer"])?;
    let source = OAuth {
        http: reqwest::Client::new(),
        endpoint: format!("{}/oauth/token", simulator.origin()),
        client_id: DEFAULT_CLIENT_ID.to_owned(),
        client_secret: DEFAULT_CLIENT_SECRET.to_owned(),
        grant: Mutex::new(Grant::Code(code)),
    };
    let client = Client::builder()
        .token_source(source)
        .api_origin(simulator.origin())
        .build()?;
    let vehicle = client.vehicle(VehicleId::new("car-1")?);
    let odometer = vehicle.get::<Odometer>().send().await?.data;
    println!("{} km with the first token", odometer.distance);

    // Two hours later the access token has expired. The client's own clock did not
    // advance, so the client learns this from a 401.
    simulator.advance(Duration::from_secs(7200));
    let mut tasks = JoinSet::new();
    for _ in 0..10 {
        let vehicle = vehicle.clone();
        tasks.spawn(async move { vehicle.get::<Odometer>().send().await });
    }
    while let Some(response) = tasks.join_next().await {
        response??;
    }
    let requests = simulator.requests();
    let asked = requests.iter().filter(|it| it.path == "/oauth/token");
    println!("ten tasks done; {} token requests in total", asked.count());
    Ok(())
}
