//! Faults of the paths and operations.
//!
//! Invariant: a case is named after its rule and breaks no other rule.

use xtask::finding::Rule;

use super::{Case, case};

pub(crate) const CASES: &[Case] = &[
    case(
        "S05-no-operation-id",
        Rule::MissingOperationId,
        &[("      operationId: fuel\n", "")],
    ),
    case(
        "S06-operation-id-twice",
        Rule::DuplicateOperationId,
        &[("operationId: fuel", "operationId: odometer")],
    ),
    case(
        "S07-two-success-bodies",
        Rule::SuccessBody,
        &[(
            "        4XX: {$ref: '#/components/responses/Error'}",
            "        '202': {$ref: '#/components/responses/Error'}",
        )],
    ),
    case(
        "S07-not-200",
        Rule::SuccessBody,
        &[(
            "        '200':\n          description: Current alerts.",
            "        '201':\n          description: Current alerts.",
        )],
    ),
    case(
        "S08-two-error-bodies",
        Rule::ErrorBody,
        &[(
            "        4XX: {$ref: '#/components/responses/Error'}",
            "        4XX:\n          description: Refused.\n          content:\n            application/json:\n              schema: {$ref: '#/components/schemas/Fuel'}",
        )],
    ),
    case(
        "S08-no-error-body",
        Rule::ErrorBody,
        &[(
            "              example: {urgent: true}\n        default: {$ref: '#/components/responses/Error'}",
            "              example: {urgent: true}",
        )],
    ),
    case(
        "S09-no-example",
        Rule::MissingExample,
        &[("              example: {urgent: true}\n", "")],
    ),
    case(
        "S11-no-permission",
        Rule::MissingPermission,
        &[("      x-smartcar-permission: read_fuel\n", "")],
    ),
    case(
        "S12-shared-body",
        Rule::SharedBody,
        &[(
            "schema: {$ref: '#/components/schemas/Fuel'}",
            "schema: {$ref: '#/components/schemas/Odometer'}",
        )],
    ),
    case(
        "S16-other-name",
        Rule::BodyName,
        &[("operationId: fuel", "operationId: fuel_level")],
    ),
    case(
        "S16-inline-body",
        Rule::BodyName,
        &[
            (
                "schema: {$ref: '#/components/schemas/TeslaAlerts'}",
                "schema: {type: array, items: {type: string}}",
            ),
            ("example: {urgent: true}", "example: []"),
        ],
    ),
    case(
        "S17-one-of",
        Rule::Unsupported,
        &[(
            "        kind: {$ref: '#/components/schemas/FuelKind'}",
            "        kind:\n          description: What the tank holds.\n          oneOf: [{$ref: '#/components/schemas/FuelKind'}]",
        )],
    ),
    case(
        "S17-unknown-type",
        Rule::Unsupported,
        &[("          type: boolean", "          type: bool")],
    ),
    case(
        "S17-circle",
        Rule::Unsupported,
        &[
            (
                "          type: boolean\n          description: Whether one is urgent.",
                "          $ref: '#/components/schemas/TeslaAlerts'",
            ),
            ("{urgent: true}", "{}"),
        ],
    ),
    case(
        "S17-request-body",
        Rule::Unsupported,
        &[(
            "            example: {requests: [/odometer]}\n",
            "            example: {requests: [/odometer]}\n          text/plain: {}\n",
        )],
    ),
    case(
        "S17-parameter",
        Rule::Unsupported,
        &[(
            "          schema: {type: string, format: date}",
            "          schema: {type: array, items: {type: string}}",
        )],
    ),
    case(
        "S17-not-for-batches",
        Rule::Unsupported,
        &[("          in: query", "          in: header")],
    ),
    case(
        "S17-list-of-numbers",
        Rule::Unsupported,
        &[
            (
                "      items: {$ref: '#/components/schemas/ServiceRecord'}",
                "      items: {type: number, format: double}",
            ),
            (
                "                - {date: '2024-05-01T00:00:00Z', tasks: [oil]}",
                "                - 1",
            ),
        ],
    ),
    case(
        "S18-not-declared",
        Rule::PathParameter,
        &[
            ("  /vehicles/{id}/service:", "  /trips/{trip}:"),
            (
                "              example:\n                - {",
                "              example:\n                - {",
            ),
        ],
    ),
    case(
        "S18-not-in-path",
        Rule::PathParameter,
        &[("  /vehicles/{id}/batch:", "  /batch:")],
    ),
    case(
        "S19-two-tags",
        Rule::Tag,
        &[("      tags: [tesla]", "      tags: [tesla, vehicle]")],
    ),
    case(
        "S19-other-make",
        Rule::Tag,
        &[("      tags: [tesla]", "      tags: [ford]")],
    ),
    case("S19-make-spelling", Rule::Tag, &[("[TESLA]", "[Tesla]")]),
    case(
        "S28-unknown",
        Rule::UnknownPermission,
        &[(
            "x-smartcar-permission: read_fuel",
            "x-smartcar-permission: read_feul",
        )],
    ),
    case(
        "S29-inline",
        Rule::InlineHeader,
        &[(
            "            sc-request-id: {$ref: '#/components/headers/RequestId'}",
            "            sc-request-id: {description: Id of the request., schema: {type: string}}",
        )],
    ),
    case(
        "S30-brace",
        Rule::PathTemplate,
        &[("  /vehicles/{id}/batch:", "  /vehicles/{id}/batch}:")],
    ),
    case(
        "S30-same-path",
        Rule::PathTemplate,
        &[
            ("  /vehicles/{id}/batch:", "  /vehicles/{id}/{which}:"),
            (
                "  /vehicles/{id}/tesla/alerts:",
                "  /vehicles/{id}/{other}:",
            ),
            ("      tags: [tesla]", "      tags: [vehicle]"),
            (
                "    VehicleId:\n      name: id",
                "    Which:\n      name: which\n      in: path\n      required: true\n      description: Which.\n      schema: {type: string}\n    Other:\n      name: other\n      in: path\n      required: true\n      description: Other.\n      schema: {type: string}\n    VehicleId:\n      name: id",
            ),
            (
                "      requestBody:",
                "        - $ref: '#/components/parameters/Which'\n      requestBody:",
            ),
            (
                "      x-smartcar-makes: [TESLA]\n      parameters:\n",
                "      x-smartcar-makes: [TESLA]\n      x-smartcar-batchable: false\n      parameters:\n        - $ref: '#/components/parameters/Other'\n",
            ),
        ],
    ),
    case(
        "S30-vehicle",
        Rule::PathTemplate,
        &[
            ("  /vehicles/{id}/batch:", "  /vehicles/{vehicle}/batch:"),
            (
                "    VehicleId:\n      name: id",
                "    Vehicle:\n      name: vehicle\n      in: path\n      required: true\n      description: Vehicle id.\n      schema: {type: string}\n    VehicleId:\n      name: id",
            ),
            (
                "parameters/VehicleId'\n      requestBody",
                "parameters/Vehicle'\n      requestBody",
            ),
        ],
    ),
    case(
        "S32-powertrain",
        Rule::Simulated,
        &[(
            "      x-smartcar-permission: read_fuel\n",
            "      x-smartcar-permission: read_fuel\n      x-smartcar-powertrains: [ICE, DIESEL]\n",
        )],
    ),
    case(
        "S32-needs",
        Rule::Simulated,
        &[(
            "      x-smartcar-permission: read_fuel\n",
            "      x-smartcar-permission: read_fuel\n      x-smartcar-needs: {state: charge.is_charging, type: SERVER, code: CHARGING}\n",
        )],
    ),
];
