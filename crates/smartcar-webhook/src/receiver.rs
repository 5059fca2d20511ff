//! Verifies requests and decodes their events.
//!
//! Invariant: nothing of a body is used before its signature was verified, except
//! that an unsigned verification is recognized. Only a challenge that is a short
//! token is signed.

use hmac::Mac;
use smartcar_model::webhook::{
    Event, Other, VehicleErrors as Errors, VehicleState as State, Verify,
};

use crate::management_token::{ManagementToken, sign};
use crate::refused::Refused;

/// Largest accepted body in bytes. The vendor's have at most 50 KB.
pub const LARGEST_BODY: usize = 1024 * 1024;

/// Longest challenge that is signed.
const LONGEST_CHALLENGE: usize = 128;

/// Verifies requests and decodes their events. It has no state, so it can be shared
/// between tasks and copied to several machines.
///
/// ```
/// use smartcar_webhook::{Delivery, ManagementToken, Odometer, Receiver, sign};
///
/// let token = ManagementToken::new("4f1c9a52-token")?;
/// let receiver = Receiver::new(token.clone());
/// let body = br#"{"eventType": "VEHICLE_STATE", "data": {"signals": [
///     {"code": "odometer-traveleddistance", "body": {"value": 18250.6, "unit": "km"}}]}}"#;
/// let signature = sign(&token, body);
/// let Delivery::State(state) = receiver.receive(Some(&signature), body)? else { panic!() };
/// let (odometer,) = state.batch::<(Odometer,)>()?.data;
/// assert_eq!(odometer?.distance, 18250.6);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Receiver {
    tokens: Vec<ManagementToken>,
}

/// A verified event.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Delivery {
    /// A verification of the callback URI. Answer 200 with [`Answer::body`] as
    /// `application/json`.
    Verify(Answer),
    /// The selected signals of a vehicle.
    State(Box<State>),
    /// Errors of a vehicle, or their end.
    Error(Box<Errors>),
    /// An event of a type that is not known.
    Other(Box<Other>),
}

/// The answer to a verification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer(String);

impl Answer {
    /// The JSON body: `{"challenge": "…"}`.
    pub fn body(&self) -> &str {
        &self.0
    }
}

impl Receiver {
    /// A receiver for the application's current token.
    pub fn new(token: ManagementToken) -> Self {
        Self {
            tokens: vec![token],
        }
    }

    /// Accepts the signatures of another token too, such as the previous one while a
    /// token is replaced. Verifications are answered with the token of
    /// [`Receiver::new`].
    #[must_use]
    pub fn also_accept(mut self, token: ManagementToken) -> Self {
        self.tokens.push(token);
        self
    }

    /// Verifies a request and decodes its event.
    ///
    /// `signature` has the value of each `SC-Signature` header: pass an `Option`, or
    /// all values of that name. `body` has the bytes exactly as they were received.
    ///
    /// Fails with [`Refused`], which says what to answer.
    pub fn receive<S: AsRef<[u8]>>(
        &self,
        signature: impl IntoIterator<Item = S>,
        body: &[u8],
    ) -> Result<Delivery, Refused> {
        if body.len() > LARGEST_BODY {
            return Err(Refused::TooLarge);
        }
        let mut signatures = signature.into_iter();
        match (signatures.next(), signatures.next()) {
            (None, _) => return self.receive_unsigned(body),
            (Some(_), Some(_)) => return Err(Refused::SignedTwice),
            (Some(signature), None) => self.verify(signature.as_ref(), body)?,
        }
        Ok(
            match Event::from_bytes(body).map_err(Refused::NotAnEvent)? {
                Event::Verify(verify) => Delivery::Verify(self.answer(&verify)?),
                Event::State(state) => Delivery::State(state),
                Event::Error(errors) => Delivery::Error(errors),
                Event::Other(other) => Delivery::Other(other),
            },
        )
    }

    /// Checks a signature of a body: 64 hexadecimal digits in either case.
    ///
    /// Every token is tried, and each comparison takes the same time whatever the
    /// signature is.
    pub fn verify(&self, signature: &[u8], body: &[u8]) -> Result<(), Refused> {
        let digest = digest(signature).ok_or(Refused::Signature)?;
        let mut is_right = false;
        for token in &self.tokens {
            is_right |= token.mac(body).verify_slice(&digest).is_ok();
        }
        if is_right {
            Ok(())
        } else {
            Err(Refused::WrongSignature)
        }
    }

    /// A request without a signature can only be a verification.
    fn receive_unsigned(&self, body: &[u8]) -> Result<Delivery, Refused> {
        let verify = std::str::from_utf8(body).ok().and_then(Verify::read);
        self.answer(&verify.ok_or(Refused::NotSigned)?)
            .map(Delivery::Verify)
    }

    fn answer(&self, verify: &Verify) -> Result<Answer, Refused> {
        let challenge = verify.challenge().ok_or(Refused::Challenge)?;
        let fits = |letter: u8| letter.is_ascii_alphanumeric() || b"._~-".contains(&letter);
        // Anything else could be a delivery, and this would be its signature.
        if challenge.is_empty()
            || challenge.len() > LONGEST_CHALLENGE
            || !challenge.bytes().all(fits)
        {
            return Err(Refused::Challenge);
        }
        let current = self.tokens.first().ok_or(Refused::Challenge)?;
        let signed = sign(current, challenge.as_bytes());
        Ok(Answer(format!(r#"{{"challenge":"{signed}"}}"#)))
    }
}

/// The bytes that 64 hexadecimal digits stand for.
fn digest(signature: &[u8]) -> Option<[u8; 32]> {
    let (pairs, rest) = signature.as_chunks::<2>();
    if pairs.len() != 32 || !rest.is_empty() {
        return None;
    }
    let mut digest = [0; 32];
    for (byte, [high, low]) in digest.iter_mut().zip(pairs) {
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(digest)
}

fn digit(letter: u8) -> Option<u8> {
    let digit = char::from(letter).to_digit(16)?;
    u8::try_from(digit).ok()
}
