//! Handles one request in five steps: classify, understand, answer, apply faults,
//! record.
//!
//! Invariant: every request is recorded before its response is delayed or sent, and
//! this is the only place where faults are matched and applied.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Request;
use http::request::Parts;
use hyper::body::Body;
use smartcar_model::UnitSystem;

use crate::answer::Answer;
use crate::app::App;
use crate::authority::{Denial, Issuer};
use crate::catalogue::Catalogue;
use crate::endpoint::{self, Asked};
use crate::errors::Refusal;
use crate::exchange::{Arrival, Response, Service, Source, Understood};
use crate::fault::apply;
use crate::fault::target::{Scene, Shape, Target};
use crate::log::Entry;
use crate::oauth;
use crate::record::Record;
use crate::request;
use crate::tokens::Grant;
use crate::v2;
use crate::v3;

/// What to do for a request.
#[derive(Debug)]
enum Task<'r> {
    Token(Result<oauth::Ask, Denial>),
    V2(v2::Task<'r>),
    V3(v3::Task<'r>),
}

/// A response after the faults were applied, with its delay.
struct Struck {
    answer: Answer,
    faults: Vec<u64>,
    delay: Option<Duration>,
}

impl App {
    /// Handles one request.
    pub(crate) async fn handle<B>(&self, request: Request<B>) -> Answer
    where
        B: Body<Data = Bytes> + Unpin,
    {
        let since = Instant::now();
        let (parts, body) = request.into_parts();
        let arrival = self.classify(parts);
        let body = if arrival.is_foreign {
            Err(Refusal::foreign_host())
        } else {
            request::read_body(body).await
        };
        let mut entry = Entry::new(&arrival);
        let (understood, task) = match &body {
            Ok(body) => self.understand(&arrival, body),
            Err(refusal) => (Understood::nothing(&arrival), Err(refusal.clone())),
        };
        let answered = self.answer(&arrival, &understood, task);
        let struck = self.strike(&arrival, &understood, answered);
        entry.request = body.unwrap_or_default();
        entry.vehicle.clone_from(&understood.vehicle);
        entry.faults.clone_from(&struck.faults);
        let answer = self.record(&arrival, understood, struck).await;
        entry.status = answer.status_sent();
        entry.response = answer.body.clone();
        entry.milliseconds = since.elapsed().as_secs_f64() * 1e3;
        self.note(entry);
        answer
    }

    /// Finds the service that is responsible, and the permissions of the token.
    fn classify(&self, parts: Parts) -> Arrival {
        let now = self.clock.now();
        let path = parts.uri.path();
        let grant = self.tokens().grant(&parts.headers, now);
        let token = oauth::path_of(path);
        let is_v3 = self.v3.is_meant(path);
        let authorized = match (token, &grant) {
            (Some(_), _) => self.applications.authenticate(&parts.headers).is_some(),
            (None, Some(grant)) if is_v3 => grant.is_for_v3(),
            (None, grant) => grant.as_ref().is_some_and(Grant::is_for_v2),
        };
        let service = match token {
            Some(path) => Service::Token(path),
            None if is_v3 => Service::V3,
            None => Service::V2,
        };
        Arrival {
            request_id: self.next_id(),
            now,
            service,
            is_foreign: !request::is_meant(&parts, &self.gate.hosts),
            grant,
            authorized,
            parts,
        }
    }

    /// Finds what is requested, and what to do for it.
    fn understand<'r>(
        &self,
        arrival: &'r Arrival,
        body: &[u8],
    ) -> (Understood, Result<Task<'r>, Refusal>) {
        match arrival.service {
            Service::Token(path) => {
                let (authorized, ask) =
                    oauth::understand(path, &self.applications, &arrival.parts, body);
                let understood = Understood {
                    authorized,
                    path: Some(path),
                    ..Understood::nothing(arrival)
                };
                (understood, Ok(Task::Token(ask)))
            }
            Service::V3 => {
                let (understood, task) = self.v3.understand(arrival, body);
                (understood, task.map(Task::V3))
            }
            Service::V2 => {
                let (understood, task) = v2::understand(self.spec, &self.batches, arrival, body);
                (understood, task.map(Task::V2))
            }
        }
    }

    /// Carries out the task, or explains the refusal.
    fn answer(
        &self,
        arrival: &Arrival,
        understood: &Understood,
        task: Result<Task<'_>, Refusal>,
    ) -> Response {
        let world = self.world();
        let source = Source {
            spec: self.spec,
            world: &world,
            webhooks: &self.webhooks,
        };
        let answered = task.and_then(|task| match task {
            Task::Token(ask) => {
                let (mut authority, mut tokens) = (self.authority(), self.tokens());
                let mut issuer = Issuer {
                    authority: &mut authority,
                    tokens: &mut tokens,
                    now: arrival.now,
                };
                let answer = oauth::answer(ask, &mut issuer);
                Ok(Response::new(answer, Shape::Refused))
            }
            Task::V2(task) => {
                let vehicle = understood.vehicle.as_deref();
                self.metered(|meter| task.answer(source, vehicle, arrival, meter))
            }
            Task::V3(mut task) => {
                let vehicle = understood.vehicle.as_deref();
                task.has_empty_store =
                    vehicle.is_some_and(|vehicle| self.webhooks.has_empty_store(vehicle));
                self.metered(|meter| self.v3.answer(&task, source, arrival, meter))
            }
        });
        answered.unwrap_or_else(|refusal| {
            let answer = self.catalogue(arrival).answer(refusal, &arrival.request_id);
            Response::new(answer, Shape::Refused)
        })
    }

    /// Applies the faults that match the request.
    fn strike(&self, arrival: &Arrival, understood: &Understood, answered: Response) -> Struck {
        let vehicle = understood.vehicle.as_deref();
        let strikes = if arrival.is_foreign {
            Vec::new()
        } else {
            self.faults().strike(&Target {
                vehicle,
                path: understood.path,
                batch_paths: &understood.batch_paths,
                signals: answered.signals,
                shape: answered.shape,
            })
        };
        let scene = Scene {
            catalogue: self.catalogue(arrival),
            request_id: &arrival.request_id,
            unasked: &|path| self.unasked(arrival, vehicle, path),
        };
        Struck {
            answer: apply::apply(answered, &strikes, &scene),
            faults: strikes.iter().map(|strike| strike.id.0).collect(),
            delay: apply::delay(&strikes),
        }
    }

    /// Records the request, then delays its response for as long as the faults
    /// require.
    async fn record(&self, arrival: &Arrival, understood: Understood, struck: Struck) -> Answer {
        let Struck { answer, delay, .. } = struck;
        let status = answer.status_sent();
        let mut record = Record::new(arrival, understood);
        let Some(delay) = delay else {
            record.status = status;
            self.records().push(record);
            return answer;
        };
        let id = self.records().push(record);
        tokio::time::sleep(delay).await;
        self.records().answered(id, status);
        answer
    }

    /// The error catalogue of the requested version.
    fn catalogue(&self, arrival: &Arrival) -> &'static Catalogue {
        match arrival.service {
            Service::V3 => &self.v3.catalogue,
            _ => &self.spec.catalogue,
        }
    }

    /// The response of a path that was not requested.
    fn unasked(&self, arrival: &Arrival, vehicle: Option<&str>, path: &str) -> Option<Answer> {
        let world = self.world();
        let view = world.look(vehicle, arrival.now).ok()?;
        let (_, operation) = self.spec.operations.batchable(path)?;
        let asked = Asked {
            view: &view,
            grant: &Grant::Everything,
            units: &UnitSystem::Metric,
            query: "",
            permissions: &self.spec.permissions,
        };
        endpoint::read(operation, asked).map(Answer::from).ok()
    }
}

#[cfg(test)]
mod tests;
