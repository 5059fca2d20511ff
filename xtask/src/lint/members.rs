//! Which members each object of an OpenAPI 3.0 document has, as a table.
//!
//! Invariant: OpenAPI 3.0.3's own members and our `x-` keys, nothing else.

use Form::{Any, Flag, FlagOrSchema, List, Map, Number, Object, Ref, Statuses, Text};

/// What a member holds.
pub(super) enum Form {
    /// Whatever it likes.
    Any,
    /// A string.
    Text,
    /// `true` or `false`.
    Flag,
    /// A number.
    Number,
    /// A list of this.
    List(&'static Form),
    /// A map from names to this.
    Map(&'static Form),
    /// An object of the table.
    Object(&'static Members),
    /// An object of the table or a reference to one.
    Ref(&'static Members),
    /// `true`, `false` or a schema.
    FlagOrSchema,
    /// The responses, by status.
    Statuses,
}

/// An object's members.
pub(super) struct Members {
    /// How a message calls the object, with its article.
    pub(super) name: &'static str,
    /// The folder of `components` that a reference to one names.
    pub(super) folder: &'static str,
    pub(super) list: &'static [(&'static str, Form)],
    pub(super) required: &'static [&'static str],
}

pub(super) static DOCUMENT: Members = Members {
    name: "the document",
    folder: "",
    list: &[
        ("openapi", Text),
        ("info", Object(&INFO)),
        ("servers", List(&Object(&SERVER))),
        ("paths", Map(&Object(&PATH_ITEM))),
        ("components", Object(&COMPONENTS)),
        ("security", List(&Map(&List(&Text)))),
        ("tags", List(&Object(&TAG))),
        ("externalDocs", Any),
    ],
    required: &["info", "paths"],
};

static INFO: Members = Members {
    name: "`info`",
    folder: "",
    list: &[
        ("title", Text),
        ("version", Text),
        ("description", Text),
        ("termsOfService", Text),
        ("contact", Any),
        ("license", Any),
    ],
    required: &["title", "version"],
};

static SERVER: Members = Members {
    name: "a server",
    folder: "",
    list: &[("url", Text), ("description", Text), ("variables", Any)],
    required: &["url"],
};

static TAG: Members = Members {
    name: "a tag",
    folder: "",
    list: &[("name", Text), ("description", Text), ("externalDocs", Any)],
    required: &["name"],
};

static COMPONENTS: Members = Members {
    name: "`components`",
    folder: "",
    list: &[
        ("schemas", Map(&Ref(&SCHEMA))),
        ("responses", Map(&Ref(&RESPONSE))),
        ("parameters", Map(&Ref(&PARAMETER))),
        ("examples", Map(&Any)),
        ("requestBodies", Map(&Ref(&REQUEST_BODY))),
        ("headers", Map(&Ref(&HEADER))),
        ("securitySchemes", Map(&Any)),
        ("links", Map(&Any)),
        ("callbacks", Map(&Any)),
    ],
    required: &[],
};

static PATH_ITEM: Members = Members {
    name: "a path",
    folder: "",
    list: &[
        ("summary", Text),
        ("description", Text),
        ("get", Object(&OPERATION)),
        ("put", Object(&OPERATION)),
        ("post", Object(&OPERATION)),
        ("delete", Object(&OPERATION)),
        ("options", Object(&OPERATION)),
        ("head", Object(&OPERATION)),
        ("patch", Object(&OPERATION)),
        ("trace", Object(&OPERATION)),
        ("servers", List(&Object(&SERVER))),
        ("parameters", List(&Ref(&PARAMETER))),
    ],
    required: &[],
};

static OPERATION: Members = Members {
    name: "an operation",
    folder: "",
    list: &[
        ("tags", List(&Text)),
        ("summary", Text),
        ("description", Text),
        ("externalDocs", Any),
        ("operationId", Text),
        ("parameters", List(&Ref(&PARAMETER))),
        ("requestBody", Ref(&REQUEST_BODY)),
        ("responses", Statuses),
        ("callbacks", Any),
        ("deprecated", Flag),
        ("security", List(&Map(&List(&Text)))),
        ("servers", List(&Object(&SERVER))),
        ("x-smartcar-permission", Text),
        ("x-smartcar-makes", List(&Text)),
        ("x-smartcar-batchable", Flag),
        ("x-smartcar-powertrains", List(&Text)),
        ("x-smartcar-needs", Object(&NEEDS)),
    ],
    required: &["responses"],
};

static NEEDS: Members = Members {
    name: "`x-smartcar-needs`",
    folder: "",
    list: &[("state", Text), ("type", Text), ("code", Text)],
    required: &["state", "type", "code"],
};

static PARAMETER: Members = Members {
    name: "a parameter",
    folder: "parameters",
    list: &[
        ("name", Text),
        ("in", Text),
        ("description", Text),
        ("required", Flag),
        ("deprecated", Flag),
        ("allowEmptyValue", Flag),
        ("style", Text),
        ("explode", Flag),
        ("allowReserved", Flag),
        ("schema", Ref(&SCHEMA)),
        ("example", Any),
        ("examples", Map(&Any)),
        ("content", Map(&Object(&MEDIA_TYPE))),
    ],
    required: &["name", "in"],
};

static REQUEST_BODY: Members = Members {
    name: "a request body",
    folder: "requestBodies",
    list: &[
        ("description", Text),
        ("content", Map(&Object(&MEDIA_TYPE))),
        ("required", Flag),
    ],
    required: &["content"],
};

static MEDIA_TYPE: Members = Members {
    name: "a media type",
    folder: "",
    list: &[
        ("schema", Ref(&SCHEMA)),
        ("example", Any),
        ("examples", Map(&Any)),
        ("encoding", Any),
    ],
    required: &[],
};

pub(super) static RESPONSE: Members = Members {
    name: "a response",
    folder: "responses",
    list: &[
        ("description", Text),
        ("headers", Map(&Ref(&HEADER))),
        ("content", Map(&Object(&MEDIA_TYPE))),
        ("links", Any),
    ],
    required: &["description"],
};

static HEADER: Members = Members {
    name: "a header",
    folder: "headers",
    list: &[
        ("description", Text),
        ("required", Flag),
        ("deprecated", Flag),
        ("allowEmptyValue", Flag),
        ("style", Text),
        ("explode", Flag),
        ("schema", Ref(&SCHEMA)),
        ("example", Any),
        ("examples", Map(&Any)),
        ("content", Map(&Object(&MEDIA_TYPE))),
    ],
    required: &[],
};

pub(super) static SCHEMA: Members = Members {
    name: "a schema",
    folder: "schemas",
    list: &[
        ("title", Text),
        ("type", Text),
        ("format", Text),
        ("description", Text),
        ("nullable", Flag),
        ("enum", List(&Any)),
        ("default", Any),
        ("example", Any),
        ("deprecated", Flag),
        ("readOnly", Flag),
        ("writeOnly", Flag),
        ("properties", Map(&Ref(&SCHEMA))),
        ("additionalProperties", FlagOrSchema),
        ("required", List(&Text)),
        ("items", Ref(&SCHEMA)),
        ("minimum", Number),
        ("maximum", Number),
        ("exclusiveMinimum", Flag),
        ("exclusiveMaximum", Flag),
        ("multipleOf", Number),
        ("minLength", Number),
        ("maxLength", Number),
        ("pattern", Text),
        ("minItems", Number),
        ("maxItems", Number),
        ("uniqueItems", Flag),
        ("minProperties", Number),
        ("maxProperties", Number),
        ("allOf", List(&Ref(&SCHEMA))),
        ("oneOf", List(&Ref(&SCHEMA))),
        ("anyOf", List(&Ref(&SCHEMA))),
        ("not", Ref(&SCHEMA)),
        ("discriminator", Any),
        ("xml", Any),
        ("externalDocs", Any),
        ("x-unit", Any),
        ("x-enum-descriptions", Map(&Text)),
        ("x-smartcar-irregular", List(&Text)),
        ("x-smartcar-state", Text),
        ("x-smartcar-errors", List(&Map(&Any))),
        ("x-smartcar-v3", Map(&Any)),
        ("x-smartcar-signal", Text),
        ("x-smartcar-group", Text),
        ("x-smartcar-certainty", Text),
        ("x-smartcar-envelope", Flag),
        ("x-smartcar-shared", Flag),
    ],
    required: &[],
};
