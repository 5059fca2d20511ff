//! Smartcar Connect: the page on which an owner connects vehicles, and what its redirect
//! brings back.
//!
//! Invariant: nothing is sent. An authorization code is never printed.

use std::fmt;

use smartcar_model::v3::{SignalInfo, VehicleMode};
use smartcar_model::{Batch, EndpointInfo, Error, ErrorKind, UserId};
use url::Url;

/// The live page.
const PAGE: &str = "https://connect.smartcar.com/oauth/authorize";

/// Begins the URL of the Connect page: the application's ID, and where the page
/// redirects to.
///
/// ```
/// use smartcar_batch::{Fuel, Odometer, connect};
///
/// let url = connect::url("0b1c2d3e-4f50-4a61-8b72-93a4b5c6d7e8", "https://fleet.example/connected")
///     .scope_of::<(Odometer, Fuel)>()
///     .state("a-random-text-of-the-session")
///     .build()?;
/// assert!(url.contains("scope=read_fuel%20read_odometer%20read_vehicle_info"));
///
/// // Later, the page redirects the owner's browser:
/// let redirected = "https://fleet.example/connected?user_id=user-1&state=a-random-text-of-the-session";
/// let connected = connect::read(redirected, Some("a-random-text-of-the-session"))?;
/// assert_eq!(connected.user.as_ref().map(|user| user.as_str()), Some("user-1"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn url(application: impl Into<String>, redirect: impl Into<String>) -> ConnectUrl {
    ConnectUrl {
        application: application.into(),
        redirect: redirect.into(),
        page: PAGE.to_owned(),
        scope: vec!["read_vehicle_info".to_owned()],
        state: None,
        mode: None,
    }
}

/// The URL of the Connect page, made by [`url`](fn@url).
#[must_use = "the URL is made by `build`"]
#[derive(Debug, Clone)]
pub struct ConnectUrl {
    application: String,
    redirect: String,
    page: String,
    scope: Vec<String>,
    state: Option<String>,
    mode: Option<VehicleMode>,
}

impl ConnectUrl {
    /// Asks for the permissions that a batch needs. Permissions add up;
    /// `read_vehicle_info` is always asked for.
    pub fn scope_of<T: Batch>(self) -> Self {
        self.scope_of_paths(T::PATHS.to_vec())
    }

    /// Asks for the permissions that a list of paths needs. A signal needs those of the
    /// v2.0 endpoints that are made of it, which is an assumption. A path that is not
    /// in the spec adds nothing.
    pub fn scope_of_paths<P: AsRef<str>>(self, paths: impl IntoIterator<Item = P>) -> Self {
        let paths = paths.into_iter();
        let permissions = paths.flat_map(|path| permissions_of(path.as_ref()));
        let permissions: Vec<_> = permissions.collect();
        self.scope(permissions)
    }

    /// Asks for permissions by their names, such as `read_odometer`.
    pub fn scope<P: Into<String>>(mut self, permissions: impl IntoIterator<Item = P>) -> Self {
        self.scope.extend(permissions.into_iter().map(Into::into));
        self.scope.sort_unstable();
        self.scope.dedup();
        self
    }

    /// A text that the redirect brings back. Use a random one for each session and give
    /// it to [`read`], so that nobody can redirect another person's browser to you.
    pub fn state(mut self, state: impl Into<String>) -> Self {
        self.state = Some(state.into());
        self
    }

    /// Whether real or simulated vehicles are connected; the API's default is real ones.
    pub fn mode(mut self, mode: VehicleMode) -> Self {
        self.mode = Some(mode);
        self
    }

    /// Another page than the live one, such as a simulator's: its URL without a query.
    pub fn page(mut self, url: impl Into<String>) -> Self {
        self.page = url.into();
        self
    }

    /// The URL to send the owner to.
    ///
    /// Fails with [`ErrorKind::InvalidRequest`] for an application ID that is empty, and
    /// for a redirect or a page that is not a URL.
    pub fn build(self) -> Result<String, Error> {
        let refuse = |why: &str| Err(Error::new(ErrorKind::InvalidRequest, why));
        if self.application.trim().is_empty() {
            return refuse("the application id is empty");
        }
        if Url::parse(&self.redirect).is_err() {
            return refuse(
                "the redirect is not a URL: use one that the dashboard lists, such as https://fleet.example/connected",
            );
        }
        let Ok(mut url) = Url::parse(&self.page) else {
            return refuse("the Connect page is not a URL");
        };
        let application = self.application.as_str();
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", application)
            .append_pair("application_id", application)
            .append_pair("redirect_uri", &self.redirect)
            .append_pair("scope", &self.scope.join(" "));
        if let Some(mode) = &self.mode {
            url.query_pairs_mut().append_pair("mode", mode.as_str());
        }
        if let Some(state) = &self.state {
            url.query_pairs_mut().append_pair("state", state);
        }
        // A form writes spaces as `+`, which a reader of URLs may not know.
        Ok(String::from(url).replace('+', "%20"))
    }
}

/// The permissions that a path needs.
fn permissions_of(path: &str) -> Vec<&'static str> {
    let of_endpoint = |path: &str| EndpointInfo::of(path)?.permission;
    match SignalInfo::of_path(path) {
        Some(signal) => {
            let used_by = signal.used_by.iter();
            used_by.filter_map(|path| of_endpoint(path)).collect()
        }
        None => of_endpoint(path).into_iter().collect(),
    }
}

/// What the redirect of a successful Connect brings.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Connected {
    /// The user who connected vehicles. It is all that v3 needs: see
    /// [`Vehicle::with_user`](crate::Vehicle::with_user). `None` if the redirect does
    /// not have it.
    pub user: Option<UserId>,
    /// The text given to [`ConnectUrl::state`].
    pub state: Option<String>,
    code: Option<String>,
}

impl Connected {
    /// The authorization code, which v2.0 exchanges for a token. `None` if the redirect
    /// does not have one.
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }
}

impl fmt::Debug for Connected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connected")
            .field("user", &self.user)
            .field("code", &self.code.as_ref().map(|_| "[redacted]"))
            .finish_non_exhaustive()
    }
}

/// Why Connect did not succeed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConnectError {
    /// The owner refused, or left the page.
    Denied(Option<String>),
    /// The vehicle cannot do what was asked for.
    VehicleIncompatible(Option<String>),
    /// The owner's account at the car maker has no active subscription.
    InvalidSubscription(Option<String>),
    /// The owner's account at the car maker has no vehicle.
    NoVehicles(Option<String>),
    /// The URL of the page is wrong, or the application is not set up for it.
    Configuration(Option<String>),
    /// Connect itself failed.
    Server(Option<String>),
    /// Another error, with its name.
    Other {
        /// The name as it came.
        error: String,
        /// The description as it came.
        description: Option<String>,
    },
    /// The redirect does not have the expected state, so it may not belong to this
    /// session: use nothing of it.
    OtherState,
    /// The redirect has neither an error nor a user or code, or is not a URL.
    Unreadable,
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, description) = match self {
            Self::Denied(why) => ("the owner did not grant access", why),
            Self::VehicleIncompatible(why) => ("the vehicle is not compatible", why),
            Self::InvalidSubscription(why) => (
                "the owner's subscription at the car maker is not active",
                why,
            ),
            Self::NoVehicles(why) => ("the owner's account has no vehicle", why),
            Self::Configuration(why) => (
                "the application is not set up for this: check its id, redirect and permissions in the dashboard",
                why,
            ),
            Self::Server(why) => ("Connect failed: try again later", why),
            Self::Other { error, description } => (error.as_str(), description),
            Self::OtherState => ("the redirect does not belong to this session", &None),
            Self::Unreadable => ("the redirect has neither a user nor an error", &None),
        };
        f.write_str(what)?;
        match description {
            Some(description) => write!(f, " ({description})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for ConnectError {}

/// Reads the URL that Connect redirected to. `state` is what was given to
/// [`ConnectUrl::state`]; it must come back unchanged.
///
/// The URL may be only its path and query, as a web server sees it.
pub fn read(redirected: &str, state: Option<&str>) -> Result<Connected, ConnectError> {
    let base = Url::parse("http://localhost/").ok();
    let url = Url::options().base_url(base.as_ref()).parse(redirected);
    let url = url.map_err(|_| ConnectError::Unreadable)?;
    let find = |wanted: &str| {
        let mut pairs = url.query_pairs();
        let found = pairs.find(|(name, value)| name == wanted && !value.is_empty());
        found.map(|(_, value)| value.into_owned())
    };
    let brought = find("state");
    if state.is_some() && brought.as_deref() != state {
        return Err(ConnectError::OtherState);
    }
    if let Some(error) = find("error") {
        return Err(failure(
            &error,
            find("error_description").as_deref().map(shown),
        ));
    }
    let user = find("user_id").and_then(|id| UserId::new(id).ok());
    let code = find("code");
    if user.is_none() && code.is_none() {
        return Err(ConnectError::Unreadable);
    }
    Ok(Connected {
        user,
        state: brought,
        code,
    })
}

fn failure(error: &str, description: Option<String>) -> ConnectError {
    match error {
        "access_denied" => ConnectError::Denied(description),
        "vehicle_incompatible" => ConnectError::VehicleIncompatible(description),
        "invalid_subscription" => ConnectError::InvalidSubscription(description),
        "no_vehicles" => ConnectError::NoVehicles(description),
        "configuration" | "configuration_error" => ConnectError::Configuration(description),
        "server_error" => ConnectError::Server(description),
        _ => ConnectError::Other {
            error: shown(error),
            description,
        },
    }
}

/// Foreign text, bounded and without control characters: anyone can make a redirect.
fn shown(text: &str) -> String {
    const LONGEST: usize = 200;
    let visible = text.chars().filter(|letter| !letter.is_control());
    visible.take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use smartcar_model::v3::signal;
    use smartcar_model::{Location, Odometer};

    use super::*;

    const APPLICATION: &str = "0b1c2d3e-4f50-4a61-8b72-93a4b5c6d7e8";

    #[test]
    fn the_url_asks_for_what_the_batch_needs() {
        type Snapshot = (Odometer, Location, signal::traction_battery::StateOfCharge);
        let url = super::url(APPLICATION, "https://fleet.example/back?a=1")
            .scope_of::<Snapshot>()
            .scope(["read_vin"])
            .mode(VehicleMode::Simulated)
            .state("a b")
            .build()
            .unwrap();
        let url = Url::parse(&url).unwrap();
        assert!(url.as_str().starts_with(PAGE));
        let find = |name: &str| {
            let mut pairs = url.query_pairs();
            pairs.find(|(key, _)| key == name).unwrap().1.into_owned()
        };
        assert_eq!(
            find("scope"),
            "read_battery read_location read_odometer read_vehicle_info read_vin"
        );
        assert_eq!(find("client_id"), APPLICATION);
        assert_eq!(find("redirect_uri"), "https://fleet.example/back?a=1");
        assert_eq!(
            (find("mode"), find("state")),
            ("simulated".into(), "a b".into())
        );
        assert!(super::url("", "https://fleet.example").build().is_err());
        assert!(super::url(APPLICATION, "not a url").build().is_err());
    }

    #[test]
    fn a_redirect_brings_the_user_or_a_typed_reason() {
        let connected = read("/back?code=s3cr3t&user_id=user-1&state=x", Some("x")).unwrap();
        assert_eq!(connected.user, UserId::new("user-1").ok());
        assert_eq!(connected.code(), Some("s3cr3t"));
        assert!(!format!("{connected:?}").contains("s3cr3t"));
        for (name, error) in [
            ("access_denied", ConnectError::Denied(None)),
            (
                "vehicle_incompatible",
                ConnectError::VehicleIncompatible(None),
            ),
            (
                "invalid_subscription",
                ConnectError::InvalidSubscription(None),
            ),
            ("no_vehicles", ConnectError::NoVehicles(None)),
            ("configuration", ConnectError::Configuration(None)),
            ("server_error", ConnectError::Server(None)),
        ] {
            let redirected = format!("https://fleet.example/back?error={name}");
            assert_eq!(read(&redirected, None), Err(error), "{name}");
        }
        let other = read("/back?error=new%1b&error_description=why%0a", None).unwrap_err();
        assert_eq!(other.to_string(), "new (why)");
    }

    #[test]
    fn a_redirect_of_another_session_is_not_used() {
        for redirected in [
            "/back?user_id=user-1",
            "/back?user_id=user-1&state=y",
            "/back?error=access_denied",
        ] {
            assert_eq!(read(redirected, Some("x")), Err(ConnectError::OtherState));
        }
        for redirected in ["/back", "/back?user_id=&code="] {
            assert_eq!(read(redirected, None), Err(ConnectError::Unreadable));
        }
    }
}
