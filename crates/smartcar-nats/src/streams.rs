//! The streams and the consumer, with their settings.
//!
//! Invariant: what exists is never changed. If it cannot serve, the error names the
//! setting.

use std::time::Duration;

use async_nats::jetstream::Context;
use async_nats::jetstream::consumer::{AckPolicy, pull};
use async_nats::jetstream::context::{GetStreamError, GetStreamErrorKind};
use async_nats::jetstream::stream::{Config, DiscardPolicy, RetentionPolicy, StorageType, Stream};
use async_nats::jetstream::{ErrorCode, consumer::PullConsumer};

use crate::error::QueueError;
use crate::subject::{
    ALL_DEAD, ALL_JOBS, ALL_OUTCOMES, ALL_SCHEDULES, CONSUMER, DEAD, OUTCOMES, VEHICLES,
};

/// Duplicate outcomes within this time are stored once.
const DUPLICATES: Duration = Duration::from_secs(600);

const DAY: Duration = Duration::from_secs(86_400);

/// How long an unacknowledged job stays with its worker.
const ACK_WAIT: Duration = Duration::from_secs(30);

/// Jobs under way in all workers together.
const MAX_ACK_PENDING: i64 = 10_000;

/// The settings of the streams as the queue creates them.
pub(crate) fn configs() -> [Config; 3] {
    let limits = |name: &str, subject: &str, max_age| Config {
        name: name.to_owned(),
        subjects: vec![subject.to_owned()],
        retention: RetentionPolicy::Limits,
        storage: StorageType::File,
        max_age,
        duplicate_window: DUPLICATES,
        ..Config::default()
    };
    [
        Config {
            name: VEHICLES.to_owned(),
            subjects: vec![ALL_JOBS.to_owned(), ALL_SCHEDULES.to_owned()],
            retention: RetentionPolicy::WorkQueue,
            storage: StorageType::File,
            max_messages_per_subject: 1,
            // The server allows no other policy together with schedules.
            discard: DiscardPolicy::Old,
            allow_message_schedules: true,
            ..Config::default()
        },
        limits(OUTCOMES, ALL_OUTCOMES, 7 * DAY),
        limits(DEAD, ALL_DEAD, 30 * DAY),
    ]
}

/// The settings of the consumer as the queue creates it.
pub(crate) fn consumer_config() -> pull::Config {
    pull::Config {
        durable_name: Some(CONSUMER.to_owned()),
        filter_subject: ALL_JOBS.to_owned(),
        ack_policy: AckPolicy::Explicit,
        ack_wait: ACK_WAIT,
        max_deliver: -1,
        max_ack_pending: MAX_ACK_PENDING,
        ..pull::Config::default()
    }
}

/// The stream of jobs and its consumer.
#[derive(Debug, Clone)]
pub(crate) struct Ready {
    pub(crate) stream: Stream,
    pub(crate) consumer: PullConsumer,
    /// How long the server waits for an acknowledgement.
    pub(crate) ack_wait: Duration,
}

/// Creates what is missing and checks what exists.
pub(crate) async fn ensure(context: &Context) -> Result<Ready, QueueError> {
    let [vehicles, outcomes, dead] = configs();
    let stream = stream(context, VEHICLES, vehicles).await?;
    self::stream(context, OUTCOMES, outcomes).await?;
    self::stream(context, DEAD, dead).await?;
    let consumer = stream
        .get_or_create_consumer(CONSUMER, consumer_config())
        .await
        .map_err(|error| QueueError::setup(CONSUMER, error))?;
    let config = &consumer.cached_info().config;
    let unfit = |setting: String, needed: &str| Err(unsuitable(CONSUMER, setting, needed));
    if config.ack_policy != AckPolicy::Explicit {
        let setting = format!("ack_policy: {:?}", config.ack_policy);
        return unfit(setting, "ack_policy: explicit");
    }
    if config.filter_subject != ALL_JOBS {
        let setting = format!("filter_subject: {:?}", config.filter_subject);
        return unfit(setting, &format!("filter_subject: {ALL_JOBS:?}"));
    }
    if config.max_deliver > 0 {
        let setting = format!("max_deliver: {}", config.max_deliver);
        return unfit(setting, "max_deliver: -1");
    }
    let ack_wait = config.ack_wait;
    Ok(Ready {
        stream,
        consumer,
        ack_wait,
    })
}

/// The stream of jobs, if it exists.
pub(crate) async fn existing(context: &Context) -> Result<Option<Stream>, QueueError> {
    match context.get_stream(VEHICLES).await {
        Ok(stream) => Ok(Some(stream)),
        Err(error) if is_missing(&error) => Ok(None),
        Err(error) => Err(QueueError::setup(VEHICLES, error)),
    }
}

fn is_missing(error: &GetStreamError) -> bool {
    match error.kind() {
        GetStreamErrorKind::JetStream(error) => error.error_code() == ErrorCode::STREAM_NOT_FOUND,
        _ => false,
    }
}

async fn stream(
    context: &Context,
    name: &'static str,
    config: Config,
) -> Result<Stream, QueueError> {
    match context.get_stream(name).await {
        Ok(stream) => {
            check(name, &stream.cached_info().config, &config)?;
            Ok(stream)
        }
        Err(error) if is_missing(&error) => context
            .create_stream(config)
            .await
            .map_err(|error| QueueError::setup(name, error)),
        Err(error) => Err(QueueError::setup(name, error)),
    }
}

/// Checks a stream that exists against the settings that the queue depends on.
fn check(name: &'static str, has: &Config, needed: &Config) -> Result<(), QueueError> {
    let unfit = |setting: String, needed: &str| Err(unsuitable(name, setting, needed));
    for subject in &needed.subjects {
        if !has.subjects.iter().any(|pattern| covers(pattern, subject)) {
            let setting = format!("subjects: {:?}", has.subjects);
            return unfit(setting, &format!("the subject {subject:?}"));
        }
    }
    if has.sealed {
        return unfit("sealed: true".to_owned(), "sealed: false");
    }
    if has.no_ack {
        return unfit("no_ack: true".to_owned(), "no_ack: false");
    }
    if has.retention != needed.retention {
        let words = |retention| match retention {
            RetentionPolicy::Limits => "retention: limits",
            RetentionPolicy::Interest => "retention: interest",
            RetentionPolicy::WorkQueue => "retention: workqueue",
        };
        return unfit(words(has.retention).to_owned(), words(needed.retention));
    }
    if needed.allow_message_schedules && !has.allow_message_schedules {
        return unfit(
            "allow_msg_schedules: false".to_owned(),
            "allow_msg_schedules: true",
        );
    }
    if needed.max_messages_per_subject == 1 && has.max_messages_per_subject != 1 {
        let setting = format!("max_msgs_per_subject: {}", has.max_messages_per_subject);
        return unfit(setting, "max_msgs_per_subject: 1");
    }
    Ok(())
}

fn unsuitable(name: &str, setting: String, needed: &str) -> QueueError {
    QueueError::Unsuitable {
        name: name.to_owned(),
        setting,
        needed: needed.to_owned(),
    }
}

/// Whether a stream with this pattern takes every message of the other pattern, which
/// ends in `>`.
fn covers(pattern: &str, needed: &str) -> bool {
    let mut needed = needed.split('.');
    for token in pattern.split('.') {
        match (token, needed.next()) {
            (">", Some(_)) => return true,
            (_, None | Some(">")) => return false,
            ("*", Some(_)) => {}
            (token, Some(needed)) if token != needed => return false,
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_covers_what_it_takes_whole() {
        for pattern in [
            "smartcar.vehicles.>",
            "smartcar.>",
            ">",
            "*.vehicles.>",
            "smartcar.*.>",
        ] {
            assert!(covers(pattern, ALL_JOBS), "{pattern}");
        }
        for pattern in [
            "smartcar.vehicles.*",
            "smartcar.outcomes.>",
            "smartcar.vehicles",
            "*.*",
        ] {
            assert!(!covers(pattern, ALL_JOBS), "{pattern}");
        }
    }

    #[test]
    fn each_setting_that_matters_is_named() {
        let [needed, outcomes, _] = configs();
        assert!(check(VEHICLES, &needed, &needed).is_ok());
        type Change = fn(&mut Config);
        let changes: [(Change, &str); 6] = [
            (
                |has| has.allow_message_schedules = false,
                "allow_msg_schedules: false",
            ),
            (
                |has| has.max_messages_per_subject = -1,
                "max_msgs_per_subject: -1",
            ),
            (
                |has| has.retention = RetentionPolicy::Interest,
                "retention: interest",
            ),
            (
                |has| has.subjects.truncate(1),
                "subjects: [\"smartcar.vehicles.>\"]",
            ),
            (|has| has.no_ack = true, "no_ack: true"),
            (|has| has.sealed = true, "sealed: true"),
        ];
        for (change, named) in changes {
            let mut has = needed.clone();
            change(&mut has);
            let error = check(VEHICLES, &has, &needed).unwrap_err().to_string();
            assert!(error.contains(VEHICLES) && error.contains(named), "{error}");
        }
        // Other ages, sizes and replicas are the operator's choice.
        let mut has = outcomes.clone();
        (has.max_age, has.num_replicas, has.max_bytes) = (DAY, 3, 1);
        assert!(check(OUTCOMES, &has, &outcomes).is_ok());
    }
}
