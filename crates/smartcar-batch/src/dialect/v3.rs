//! v3: a batch is read from the signals of a store, requested all at once or one by
//! one, and from the vehicle and its connection.
//!
//! Invariant: once anything got a response, a failed request affects only the paths
//! that need it. A good signal is not requested again.

mod ask;

use std::collections::BTreeSet;
use std::num::NonZeroU32;

use smartcar_model::decode::Warning;
use smartcar_model::v3::{MemberError, Needed, Signals};
use smartcar_model::{
    ApiError, Error, ErrorKind, InvalidReason, ItemError, PathResults, Plan, Response, UserId,
    VehicleId,
};

use super::items::{Indexes, Items};
use super::{Dialect, Fault, Few};
use crate::transport::Reply;

pub(crate) use ask::Ask;

/// A batch for one vehicle.
pub(crate) struct Batch<'a> {
    vehicle: &'a VehicleId,
    user: Option<&'a UserId>,
    /// The assumed price of a request for all signals.
    price: NonZeroU32,
    items: Items<'a>,
    signals: Signals,
    /// The codes of signals whose own request got a response, in lower case.
    answered_codes: BTreeSet<String>,
    /// Whether a complete list of signals was received.
    listed: bool,
    /// Whether a list was incomplete. The rest is then requested one by one.
    partly: bool,
    resource: Asked,
    connection: Asked,
    /// Whether any request got a response.
    answered: bool,
    warnings: Vec<Warning>,
    member_errors: Vec<MemberError>,
}

/// The state of the request for a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Never,
    Done,
    /// Failed with a retryable error.
    Again,
}

/// The assumed price of these paths, in counted requests.
pub(crate) fn price(paths: &[&str], all_signals: NonZeroU32) -> u32 {
    let needed = Needed::of(paths.iter().copied());
    let codes = needed.signals.len();
    let signals = if needed.all || all_at_once(codes, all_signals) {
        all_signals.get()
    } else {
        u32::try_from(codes).unwrap_or(u32::MAX)
    };
    // A response with signals usually includes the vehicle.
    let vehicle = u32::from(needed.vehicle && codes == 0 && !needed.all);
    signals + vehicle + u32::from(needed.connection)
}

/// Rejects signals if the vehicle has no user.
pub(crate) fn check(user: Option<&UserId>, paths: &[&str]) -> Result<(), Error> {
    let needs_signals = || {
        let needed = Needed::of(paths.iter().copied());
        needed.all || !needed.signals.is_empty()
    };
    if user.is_none() && needs_signals() {
        let why = "v3 needs the user id of the vehicle: set it with `Vehicle::with_user`, or for all vehicles with `ClientBuilder::user` or SMARTCAR_USER_ID";
        let error = Error::new(ErrorKind::InvalidRequest, why);
        return Err(error.with_invalid_reason(InvalidReason::NoUser));
    }
    Ok(())
}

/// A single signal is requested alone: the response is smaller, at the same price.
fn all_at_once(codes: usize, price: NonZeroU32) -> bool {
    codes > 1 && u32::try_from(codes).is_ok_and(|codes| codes >= price.get())
}

impl<'a> Batch<'a> {
    /// A batch of paths that [`check`] accepts. Sets the outcome of paths that v3 has no
    /// data for.
    pub(crate) fn new(
        vehicle: &'a VehicleId,
        user: Option<&'a UserId>,
        price: NonZeroU32,
        last_known: bool,
        items: Items<'a>,
    ) -> Self {
        let mut batch = Self {
            vehicle,
            user,
            price,
            items,
            signals: Signals::new().last_known(last_known),
            answered_codes: BTreeSet::new(),
            listed: false,
            partly: false,
            resource: Asked::Never,
            connection: Asked::Never,
            answered: false,
            warnings: Vec::new(),
            member_errors: Vec::new(),
        };
        let Items {
            paths,
            outcomes,
            left,
            ..
        } = &mut batch.items;
        let signals = &batch.signals;
        left.retain(|index| {
            let possible = !Needed::of([paths[*index]]).is_empty();
            if !possible && let Err(error) = signals.answer(paths[*index]) {
                outcomes.fail(*index, error);
            }
            possible
        });
        // If nothing is open, the batch is complete without a request.
        batch.answered = left.is_empty();
        batch
    }

    /// Whether no response about a signal was received, neither in a list nor by
    /// itself.
    fn is_unanswered(&self, code: &str) -> bool {
        !self.listed && !self.answered_codes.contains(&code.to_ascii_lowercase())
    }

    /// Whether a request for a signal can bring something new.
    fn is_open(&self, code: &str) -> bool {
        let failed = || self.signals.failure(code);
        self.is_unanswered(code) || failed().is_some_and(ItemError::is_retryable)
    }

    /// Whether a path needs something that was never requested.
    fn lacks(&self, path: &str) -> bool {
        let needed = Needed::of([path]);
        needed.signals.iter().any(|code| self.is_unanswered(code))
            || needed.all && !self.listed && !self.partly
            || needed.vehicle && self.resource == Asked::Never && !self.signals.has_vehicle()
            || needed.connection && self.connection == Asked::Never
    }

    /// Reads a successful reply. Fails if it does not match the request, except for a
    /// single signal: there it becomes the error of the signal.
    fn read(&mut self, ask: &Ask<'_>, reply: &Reply) -> Result<(), Error> {
        let request_id = reply.request_id.as_deref();
        match ask {
            Ask::Signals { .. } => {
                let read = self.signals.read_list(reply.text()?, request_id);
                let (page, warnings) =
                    read.map_err(|malformed| reply.unreadable(&malformed.to_string()))?;
                let count = u64::try_from(page.count).unwrap_or(u64::MAX);
                if page.has_next || page.total.is_some_and(|total| total > count) {
                    self.partly = true;
                    let codes = self.signals.codes().map(str::to_owned);
                    self.answered_codes.extend(codes);
                } else {
                    self.listed = true;
                }
                self.warnings.extend(warnings);
            }
            Ask::Signal { code, .. } => {
                let read = reply.text().map(|text| self.signals.read(text, request_id));
                let failure = match read {
                    Ok(Err(malformed)) => ItemError::Malformed(malformed),
                    Ok(Ok(warnings)) => {
                        self.warnings.extend(warnings);
                        ItemError::Missing
                    }
                    Err(_) => ItemError::Missing,
                };
                self.answered_codes.insert(code.to_ascii_lowercase());
                if !self.signals.has(code) || failure != ItemError::Missing {
                    self.signals.fail(code, failure);
                }
            }
            Ask::Vehicle(_) => {
                self.resource = Asked::Done;
                let text = reply.text().map_err(|_| ItemError::Missing);
                self.signals.set_vehicle(text);
            }
            Ask::Connections { vehicle, user } => {
                self.connection = Asked::Done;
                match reply.text() {
                    Ok(text) => {
                        let user = user.map(UserId::as_str);
                        self.signals.set_connection_of(text, vehicle.as_str(), user);
                    }
                    Err(_) => self.signals.set_connection(Err(ItemError::Missing)),
                }
            }
        }
        Ok(())
    }

    /// Records a failed request for the paths that need it.
    fn fail(&mut self, ask: &Ask<'_>, error: &ApiError) {
        let asked = if error.is_retryable() {
            Asked::Again
        } else {
            Asked::Done
        };
        let error = ItemError::Api(Box::new(error.clone()));
        match ask {
            Ask::Signal { code, .. } => self.fail_signal(code, error),
            Ask::Signals { .. } => {
                self.signals.fail_list(error.clone());
                for code in Needed::of(self.items.current_paths()).signals {
                    if self.is_open(code) {
                        self.fail_signal(code, error.clone());
                    }
                }
            }
            Ask::Vehicle(_) => {
                self.resource = asked;
                self.signals.set_vehicle(Err(error));
            }
            Ask::Connections { .. } => {
                self.connection = asked;
                self.signals.set_connection(Err(error));
            }
        }
    }

    fn fail_signal(&mut self, code: &str, error: ItemError) {
        self.answered_codes.insert(code.to_ascii_lowercase());
        self.signals.fail(code, error);
    }

    /// Sets the outcome of each open path, and keeps those open whose errors are
    /// retryable.
    fn settle(&mut self) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut left = Indexes::new();
        for index in std::mem::take(&mut self.items.left) {
            let path = self.items.paths[index];
            self.member_errors.retain(|error| error.path != path);
            let (errors, may_lack) = match self.signals.answer_with_member_errors(path) {
                Ok((answer, member_errors)) => {
                    self.items.outcomes.accept(index, &answer);
                    let errors: Vec<_> = member_errors.iter().map(|it| it.error.clone()).collect();
                    self.member_errors.extend(member_errors);
                    (errors, true)
                }
                Err(error) => {
                    self.items.outcomes.fail(index, error.clone());
                    let may_lack = error.is_missing();
                    (vec![error], may_lack)
                }
            };
            let lacks = may_lack && self.lacks(path);
            if lacks {
                // It was never requested.
                faults.push(Fault::Further);
            }
            if lacks || errors.iter().any(ItemError::is_retryable) {
                left.push(index);
            }
            let errors = errors.iter().filter_map(ItemError::api_error);
            faults.extend(errors.map(|api| Fault::Item(Box::new(api.clone()))));
        }
        self.items.left = left;
        faults
    }
}

impl<'a> Dialect for Batch<'a> {
    type Ask = Ask<'a>;
    type Results = Signals;

    fn vehicle(&self) -> Option<&VehicleId> {
        Some(self.vehicle)
    }

    fn left(&self) -> usize {
        self.items.left.len()
    }

    fn open(&mut self) -> Few<Ask<'a>> {
        let needed = Needed::of(self.items.current_paths());
        let vehicle = self.vehicle;
        let mut asks = Few::new();
        if let Some(user) = self.user {
            let mut codes = needed.signals;
            codes.retain(|code| self.is_open(code));
            let lists_all = needed.all && !self.listed;
            if (lists_all || all_at_once(codes.len(), self.price)) && !self.partly {
                let price = self.price;
                asks.push(Ask::Signals {
                    vehicle,
                    user,
                    price,
                });
            } else {
                asks.extend(codes.into_iter().map(|code| Ask::Signal {
                    vehicle,
                    user,
                    code,
                }));
            }
        }
        // Responses with signals usually include the vehicle. It is requested only if
        // they did not.
        let vehicle_is_open = match self.resource {
            Asked::Never => !self.signals.has_vehicle(),
            asked => asked == Asked::Again,
        };
        if needed.vehicle && vehicle_is_open && asks.is_empty() {
            asks.push(Ask::Vehicle(vehicle));
        }
        if needed.connection && self.connection != Asked::Done {
            let user = self.user;
            asks.push(Ask::Connections { vehicle, user });
        }
        asks
    }

    fn plan(asks: &[Ask<'a>]) -> Plan {
        let singles = asks.iter().filter(|ask| matches!(ask, Ask::Signal { .. }));
        let singles = u32::try_from(singles.count()).unwrap_or(u32::MAX);
        match asks.first() {
            None => Plan::Nothing,
            Some(Ask::Signals { .. }) => Plan::Signals,
            Some(_) if singles > 0 => Plan::Singles(singles),
            Some(_) => Plan::Resources,
        }
    }

    fn take(&mut self, replies: Few<(Ask<'a>, Box<Reply>)>, counts: bool) -> Vec<Fault> {
        if counts {
            self.items.count();
        }
        let mut faults = Vec::new();
        let mut failed = Vec::new();
        let mut good = false;
        for (ask, reply) in replies {
            if reply.is_success() {
                match self.read(&ask, &reply) {
                    Ok(()) => good = true,
                    Err(error) => faults.push(Fault::Whole(error)),
                }
            } else {
                let error = reply.error();
                good |= ask.is_absent(&error);
                failed.push((ask, error));
            }
        }
        // Before the first response, a failure is one of the whole call.
        let one_by_one = good || self.answered || self.items.single;
        for (ask, error) in failed {
            match error.api_error() {
                Some(api) if one_by_one => {
                    self.answered = true;
                    self.fail(&ask, api);
                }
                _ => faults.push(Fault::Whole(error)),
            }
        }
        self.answered |= good;
        if self.answered {
            faults.extend(self.settle());
        }
        faults
    }

    fn finish(&mut self, told: &mut Response<()>) -> Option<Signals> {
        self.items.report(told);
        told.warnings = std::mem::take(&mut self.warnings);
        told.push_member_errors(std::mem::take(&mut self.member_errors));
        self.answered.then(|| std::mem::take(&mut self.signals))
    }
}

/// All results, read again from the signals.
pub(crate) fn answers(signals: &Signals, paths: &[&str]) -> PathResults {
    let mut kept = PathResults::of(paths.iter().copied());
    let asked: Vec<_> = paths.iter().copied().enumerate().collect();
    signals.answer_all(&asked, &mut kept);
    kept
}
