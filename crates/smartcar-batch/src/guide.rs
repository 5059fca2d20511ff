//! A guide, from an empty folder to a polled fleet.
//!
//! It starts with `cargo new` and the simulator. Each chapter needs only the chapters
//! before it.
//!
//! | Chapter | You learn to | Types |
//! |---|---|---|
//! | [Set up](#set-up), [the first batch](#the-first-batch) | read two things in one request | [`Client`], [`Vehicle`], [`Batch`], [`Reading`], [`ENDPOINTS`] |
//! | [A real vehicle](#a-real-vehicle) | get credentials for v3 or v2.0 | [`Client::from_env`], [`ClientCredentials`], [`EndpointInfo`] |
//! | [When an item fails](#when-an-item-fails) | choose what a failure means | [`ItemError`], [`ApiError`], [`Response::failures`] |
//! | [Units](#units), [one endpoint](#one-endpoint), [paths known only at run time](#paths-known-only-at-run-time) | use other kinds of requests | [`UnitSystem`], [`Vehicle::get`], [`Vehicle::batch_paths`] |
//! | [What it costs](#what-it-costs), [retries and deadlines](#retries-and-deadlines), [when a call fails](#when-a-call-fails) | stay within limits | [`InProcessBudget`], [`RateBudget`], [`RetryPolicy`], [`Error`] |
//! | [Tokens that expire](#tokens-that-expire) | refresh access tokens | [`TokenSource`] |
//! | [In a web service](#in-a-web-service) | share batches between handlers | [`Loader`] |
//! | [A polled fleet](#a-polled-fleet) | read many vehicles regularly | [`Fleet`], [`FleetVehicle`] |
//! | [From one process to many](#from-one-process-to-many) | share a limit and a queue | [`RateBudget`], `smartcar_redis::RedisBudget` |
//! | [Root certificates and proxies](#root-certificates-and-proxies), [middleware](#middleware) | adapt the transport | [`ClientBuilder::configure_http`], [`Transport`], [`HttpTransport`] |
//! | [Test](#test), [unit tests without a socket](#unit-tests-without-a-socket) | check that it works | `testing::CannedTransport` |
//! | [Logging](#logging), [metrics](#metrics) | see what happens | [`StopReason`] |
//! | [Setting up version 3](#setting-up-version-3) | get from a new application to the first fresh reading | [`connect`], [`Client::webhooks`], [`Client::subscribe`], [`Vehicle::list_signals`] |
//! | [Version 3](#version-3) | run the same batches on v3 | [`Api`], [`Vehicle::with_user`], [`Vehicle::signals`] |
//!
//! [`Api`]: crate::Api
//! [`ApiError`]: crate::ApiError
//! [`Batch`]: derive@crate::Batch
//! [`Client`]: crate::Client
//! [`Client::subscribe`]: crate::Client::subscribe
//! [`Client::webhooks`]: crate::Client::webhooks
//! [`connect`]: crate::connect
//! [`Vehicle::list_signals`]: crate::Vehicle::list_signals
//! [`Client::from_env`]: crate::Client::from_env
//! [`ClientBuilder::configure_http`]: crate::ClientBuilder::configure_http
//! [`ClientCredentials`]: crate::ClientCredentials
//! [`ENDPOINTS`]: crate::ENDPOINTS
//! [`EndpointInfo`]: crate::EndpointInfo
//! [`Error`]: crate::Error
//! [`Fleet`]: crate::Fleet
//! [`FleetVehicle`]: crate::FleetVehicle
//! [`HttpTransport`]: crate::HttpTransport
//! [`InProcessBudget`]: crate::InProcessBudget
//! [`ItemError`]: crate::ItemError
//! [`Loader`]: crate::Loader
//! [`RateBudget`]: crate::RateBudget
//! [`Reading`]: crate::Reading
//! [`Response::failures`]: crate::Response::failures
//! [`RetryPolicy`]: crate::RetryPolicy
//! [`StopReason`]: crate::StopReason
//! [`TokenSource`]: crate::TokenSource
//! [`Transport`]: crate::Transport
//! [`UnitSystem`]: crate::UnitSystem
//! [`Vehicle`]: crate::Vehicle
//! [`Vehicle::batch_paths`]: crate::Vehicle::batch_paths
//! [`Vehicle::get`]: crate::Vehicle::get
//! [`Vehicle::signals`]: crate::Vehicle::signals
//! [`Vehicle::with_user`]: crate::Vehicle::with_user
//!
//! Invariant: every snippet is shown whole, compiles, and is built in a new crate by a test.
#![doc = ""]
#![doc = include_str!("guide/start.md")]
#![doc = ""]
#![doc = include_str!("guide/batches.md")]
#![doc = ""]
#![cfg_attr(feature = "uom", doc = include_str!("guide/quantities.md"))]
#![doc = ""]
#![doc = include_str!("guide/asking.md")]
#![doc = ""]
#![doc = include_str!("guide/services.md")]
#![doc = ""]
#![doc = include_str!("guide/processes.md")]
#![doc = ""]
#![doc = include_str!("guide/plugging.md")]
#![doc = ""]
#![doc = include_str!("guide/testing.md")]
#![doc = ""]
#![cfg_attr(feature = "testing", doc = include_str!("guide/unit_tests.md"))]
#![doc = ""]
#![doc = include_str!("guide/observing.md")]
#![doc = ""]
#![doc = include_str!("guide/set_up.md")]
#![doc = ""]
#![doc = include_str!("guide/version_3.md")]
