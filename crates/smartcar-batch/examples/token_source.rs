//! Access tokens from an OAuth token endpoint, refreshed when they end.
//!
//! It trades an owner's code for tokens at the simulator's `POST /oauth/token`,
//! asks, lets the access token end, and asks again: one refresh serves ten tasks.
//!
//! ```text
//! cargo run --example token_source
//! ```
//!
//! Smartcar's own endpoint for this is `https://auth.smartcar.com/oauth/token`.
//!
//! This is for v2.0, whatever `SMARTCAR_API` says: an owner's token is good for
//! nothing else. Version 3 takes the application's token, and the library has its
//! source: `ClientCredentials`.

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
    /// What the next request shows. A service keeps it in its database: each
    /// refresh token is good for one use and about a minute more.
    grant: Mutex<Grant>,
}

/// What an access token is given for.
enum Grant {
    /// From the redirect after the owner's consent; good once.
    Code(String),
    /// From the last answer.
    RefreshToken(String),
}

/// The answer of the endpoint.
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
        // Kept before anything else can fail: the old one is used up.
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
        // Neither the secret nor the grant.
        f.debug_struct("OAuth")
            .field("endpoint", &self.endpoint)
            .finish_non_exhaustive()
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let simulator = Simulator::start().await?;
    let code = simulator.authorization_code(["read_odometer"]);
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

    // Two hours later the access token has ended. The client's own clock stood
    // still meanwhile, so it learns that from a 401.
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
    println!(
        "ten tasks answered; {} token requests in all",
        asked.count()
    );
    Ok(())
}
