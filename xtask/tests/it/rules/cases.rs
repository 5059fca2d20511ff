//! The faults for the golden tests, each a small change of `base.yaml`.
//!
//! Invariant: an edit applies to its first match in the base.

#[path = "operations.rs"]
mod operations;
#[path = "schemas.rs"]
mod schemas;

use xtask::finding::Rule;

/// A golden's name, the rule, and the replacement in the base.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) rule: Rule,
    pub(crate) edits: &'static [(&'static str, &'static str)],
}

const fn case(
    name: &'static str,
    rule: Rule,
    edits: &'static [(&'static str, &'static str)],
) -> Case {
    Case { name, rule, edits }
}

/// All cases, each for one rule.
pub(crate) fn all() -> impl Iterator<Item = &'static Case> {
    schemas::CASES.iter().chain(operations::CASES)
}

const DISTANCE: &str = "          type: number\n          format: double\n          x-unit: {metric: km, imperial: mi}\n";

/// Ten faults of different kinds at once.
pub(crate) const TEN: &[(&str, &str)] = &[
    ("operationId: service", "operationId: attributes"),
    ("      x-smartcar-permission: read_fuel\n", ""),
    (
        "schema: {$ref: '#/components/schemas/BatchResponse'}",
        "schema: {$ref: '#/components/schemas/BatchAnswer'}",
    ),
    ("              example: {urgent: true}\n", ""),
    (
        "example: {amount: 31.4, kind: PETROL}",
        "example: {amount: much, kind: PETROL}",
    ),
    (
        "        4XX: {$ref: '#/components/responses/Error'}",
        "        4XX:\n          description: Refused.\n          content:\n            application/json:\n              schema: {$ref: '#/components/schemas/Fuel'}",
    ),
    (
        DISTANCE,
        "          type: number\n          format: float\n          x-unit: {metric: km, imperial: mi}\n",
    ),
    (
        "        kind: {$ref: '#/components/schemas/FuelKind'}",
        "        kind:\n          type: string\n          description: What the tank holds.\n          enum: [PETROL]\n          x-enum-descriptions: {PETROL: Petrol.}",
    ),
    ("          description: The model year.\n", ""),
    (
        "schema: {$ref: '#/components/schemas/TeslaAlerts'}",
        "schema: {$ref: '#/components/schemas/Odometer'}",
    ),
];
