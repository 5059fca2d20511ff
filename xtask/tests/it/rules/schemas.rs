//! Faults of the document, its schemas and examples.
//!
//! Invariant: a case is named after its rule and breaks no other rule.

use xtask::finding::Rule;

use super::{Case, DISTANCE, case};

const FUEL: &str = "      operationId: fuel\n      tags: [vehicle]\n";

pub(crate) const CASES: &[Case] = &[
    case(
        "S01-not-yaml",
        Rule::Syntax,
        &[("      tags: [tesla]", "      tags: [tesla")],
    ),
    case(
        "S01-key-twice",
        Rule::Syntax,
        &[(
            "      summary: Odometer\n",
            "      summary: Odometer\n      summary: Kilometres\n",
        )],
    ),
    case(
        "S01-alias",
        Rule::Syntax,
        &[
            ("example: {urgent: true}", "example: &alerts {urgent: true}"),
            ("example: b0f7a3d4", "example: *alerts"),
        ],
    ),
    case(
        "S02-openapi-3.1",
        Rule::Version,
        &[("openapi: 3.0.3", "openapi: 3.1.0")],
    ),
    case(
        "S02-no-version",
        Rule::Version,
        &[("openapi: 3.0.3\n\n", "")],
    ),
    case(
        "S03-text-for-list",
        Rule::Shape,
        &[("      tags: [tesla]", "      tags: tesla")],
    ),
    case(
        "S03-no-description",
        Rule::Shape,
        &[(
            "          description: Current alerts.\n          content",
            "          content",
        )],
    ),
    case(
        "S03-required-unknown",
        Rule::Shape,
        &[("required: [make]", "required: [make, model]")],
    ),
    case(
        "S03-openapi-types",
        Rule::Shape,
        &[(
            "      in: header\n",
            "      in: header\n      style: form\n",
        )],
    ),
    case(
        "S03-pattern",
        Rule::Shape,
        &[(
            "          description: The make.",
            "          description: The make.\n          pattern: '['",
        )],
    ),
    case(
        "S04-leads-nowhere",
        Rule::DanglingRef,
        &[(
            "schema: {$ref: '#/components/schemas/Odometer'}",
            "schema: {$ref: '#/components/schemas/Odometre'}",
        )],
    ),
    case(
        "S04-wrong-folder",
        Rule::DanglingRef,
        &[(
            "sc-request-id: {$ref: '#/components/headers/RequestId'}",
            "sc-request-id: {$ref: '#/components/schemas/UnitSystem'}",
        )],
    ),
    case(
        "S10-wrong-type",
        Rule::ExampleMismatch,
        &[("example: {distance: 18250.6}", "example: {distance: far}")],
    ),
    case(
        "S10-missing-member",
        Rule::ExampleMismatch,
        &[("example: {distance: 18250.6}", "example: {}")],
    ),
    case(
        "S10-unlisted-value",
        Rule::ExampleMismatch,
        &[("kind: PETROL}", "kind: WATER}")],
    ),
    case(
        "S10-component",
        Rule::ExampleMismatch,
        &[("example: b0f7a3d4", "example: 7")],
    ),
    case(
        "S13-inline-enum",
        Rule::InlineEnum,
        &[(
            "        kind: {$ref: '#/components/schemas/FuelKind'}",
            "        kind:\n          type: string\n          description: What the tank holds.\n          enum: [PETROL]\n          x-enum-descriptions: {PETROL: Petrol.}",
        )],
    ),
    case(
        "S13-parameter",
        Rule::InlineEnum,
        &[(
            "          schema: {type: string, format: date}",
            "          schema: {type: string, enum: [now], x-enum-descriptions: {now: Now.}}",
        )],
    ),
    case(
        "S14-inline-object",
        Rule::InlineObject,
        &[
            (
                "          type: boolean\n          description: Whether one is urgent.",
                "          type: object\n          description: What is urgent.\n          properties:\n            battery:\n              type: boolean\n              description: The battery.",
            ),
            ("{urgent: true}", "{}"),
        ],
    ),
    case(
        "S15-float",
        Rule::NumberFormat,
        &[(
            DISTANCE,
            "          type: number\n          format: float\n          x-unit: {metric: km, imperial: mi}\n",
        )],
    ),
    case(
        "S15-no-format",
        Rule::NumberFormat,
        &[("          format: int64\n", "")],
    ),
    case(
        "S20-unknown-unit",
        Rule::Unit,
        &[("x-unit: {metric: L, imperial: gal}", "x-unit: kw")],
    ),
    case(
        "S20-no-number",
        Rule::Unit,
        &[(
            "          description: The make.",
            "          x-unit: km\n          description: The make.",
        )],
    ),
    case(
        "S21-unknown-form",
        Rule::Irregular,
        &[(
            "x-smartcar-irregular: [text]",
            "x-smartcar-irregular: [string]",
        )],
    ),
    case(
        "S21-other-type",
        Rule::Irregular,
        &[(
            "x-smartcar-irregular: [text]",
            "x-smartcar-irregular: [single]",
        )],
    ),
    case(
        "S22-no-summary",
        Rule::Documentation,
        &[("      summary: Alerts\n", "")],
    ),
    case(
        "S22-no-description",
        Rule::Documentation,
        &[("          description: The model year.\n", "")],
    ),
    case(
        "S22-enum-value",
        Rule::Documentation,
        &[("        DIESEL: Diesel.\n", "")],
    ),
    case(
        "S23-operation-id",
        Rule::NameCollision,
        &[
            (
                FUEL,
                "      operationId: fuelLevel\n      tags: [vehicle]\n",
            ),
            ("schemas/Fuel'", "schemas/FuelLevel'"),
            ("    Fuel:\n", "    FuelLevel:\n"),
        ],
    ),
    case(
        "S23-enum-values",
        Rule::NameCollision,
        &[
            ("enum: [PETROL, DIESEL]", "enum: [PETROL, petrol]"),
            ("        DIESEL: Diesel.\n", "        petrol: Petrol.\n"),
        ],
    ),
    case(
        "S23-component",
        Rule::NameCollision,
        &[
            ("schemas/ServiceRecord'", "schemas/Result'"),
            ("    ServiceRecord:", "    Result:"),
        ],
    ),
    case(
        "S23-fields",
        Rule::NameCollision,
        &[("        year:\n", "        MAKE:\n")],
    ),
    case(
        "S25-our-key",
        Rule::UnknownMember,
        &[("x-smartcar-makes: [TESLA]", "x-smartcar-make: [TESLA]")],
    ),
    case(
        "S25-openapi-key",
        Rule::UnknownMember,
        &[(
            "          nullable: true\n          minimum: 0",
            "          nullable: true\n          minimun: 0",
        )],
    ),
    case(
        "S25-status",
        Rule::UnknownMember,
        &[("        4XX: {$ref", "        4xx: {$ref")],
    ),
    case(
        "S26-description",
        Rule::RefSibling,
        &[(
            "        kind: {$ref: '#/components/schemas/FuelKind'}",
            "        kind:\n          $ref: '#/components/schemas/FuelKind'\n          nullable: true",
        )],
    ),
    case(
        "S27-retry",
        Rule::ErrorCatalogue,
        &[("retry: auto", "retry: soon")],
    ),
    case(
        "S27-status",
        Rule::ErrorCatalogue,
        &[("status: 500", "status: 50")],
    ),
    case(
        "S27-bare-no",
        Rule::ErrorCatalogue,
        &[("retry: 'no'", "retry: false")],
    ),
    case(
        "S27-twice",
        Rule::ErrorCatalogue,
        &[(
            "type: PERMISSION, code: null",
            "type: SERVER, code: INTERNAL",
        )],
    ),
    case(
        "S27-no-code",
        Rule::ErrorCatalogue,
        &[(
            "type: SERVER, code: INTERNAL, status",
            "type: SERVER, status",
        )],
    ),
    case(
        "S31-property",
        Rule::MissingType,
        &[("          type: boolean\n", "")],
    ),
    case(
        "S31-no-properties",
        Rule::MissingType,
        &[(
            "      description: Current alerts.\n      properties:\n        urgent:\n          type: boolean\n          description: Whether one is urgent.\n",
            "      description: Current alerts.\n",
        )],
    ),
    case(
        "S31-plain-text",
        Rule::MissingType,
        &[
            ("      enum: [PETROL, DIESEL]\n", ""),
            (
                "      x-enum-descriptions:\n        PETROL: Petrol.\n        DIESEL: Diesel.\n",
                "",
            ),
        ],
    ),
    case(
        "S32-variable",
        Rule::Simulated,
        &[(
            "          type: boolean\n",
            "          type: boolean\n          x-smartcar-state: lock.locked\n",
        )],
    ),
    case(
        "S37-no-mark",
        Rule::Personal,
        &[(
            "        urgent:\n          type: boolean\n",
            "        nickname: {type: string, description: Name of the car.}\n        urgent:\n          type: boolean\n",
        )],
    ),
    case(
        "S37-component",
        Rule::Personal,
        &[(
            "      description: Current alerts.\n      properties:\n",
            "      description: Current alerts.\n      x-smartcar-personal: true\n      properties:\n",
        )],
    ),
    case(
        "S38-no-header",
        Rule::UnitSystem,
        &[(
            "headers: {sc-unit-system: {$ref: '#/components/headers/UnitSystem'},",
            "headers: {",
        )],
    ),
];
