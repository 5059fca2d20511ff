//! A table of the members that each object of an OpenAPI 3.0 document can have.
//!
//! Invariant: only the members of OpenAPI 3.0.3 and our `x-` keys.

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// One paragraph per object. The first line has its name in this table, its folder
/// in `components` for references, and its name in messages. The other lines are
/// its members: `!` marks a required one. The type follows the colon: `[…]` is a
/// list, `{…}` a map from names, `&` the object or a reference to one.
const TABLE: &str = "
DOCUMENT - the document
    openapi:text info!:INFO servers:[SERVER] paths!:{PATH_ITEM} components:COMPONENTS
    security:[{[text]}] tags:[TAG] externalDocs:any

INFO - `info`
    title!:text version!:text description:text termsOfService:text contact:any license:any

SERVER - a server
    url!:text description:text variables:any

TAG - a tag
    name!:text description:text externalDocs:any

COMPONENTS - `components`
    schemas:{&SCHEMA} responses:{&RESPONSE} parameters:{&PARAMETER} examples:{any}
    requestBodies:{&REQUEST_BODY} headers:{&HEADER} securitySchemes:{any} links:{any}
    callbacks:{any}

PATH_ITEM - a path
    summary:text description:text get:OPERATION put:OPERATION post:OPERATION
    delete:OPERATION options:OPERATION head:OPERATION patch:OPERATION trace:OPERATION
    servers:[SERVER] parameters:[&PARAMETER]

OPERATION - an operation
    tags:[text] summary:text description:text externalDocs:any operationId:text
    parameters:[&PARAMETER] requestBody:&REQUEST_BODY responses!:statuses callbacks:any
    deprecated:flag security:[{[text]}] servers:[SERVER] x-smartcar-permission:text
    x-smartcar-makes:[text] x-smartcar-batchable:flag x-smartcar-powertrains:[text]
    x-smartcar-needs:NEEDS

NEEDS - `x-smartcar-needs`
    state!:text type!:text code!:text

PARAMETER parameters a parameter
    name!:text in!:text description:text required:flag deprecated:flag allowEmptyValue:flag
    style:text explode:flag allowReserved:flag schema:&SCHEMA example:any examples:{any}
    content:{MEDIA_TYPE}

REQUEST_BODY requestBodies a request body
    description:text content!:{MEDIA_TYPE} required:flag

MEDIA_TYPE - a media type
    schema:&SCHEMA example:any examples:{any} encoding:any

RESPONSE responses a response
    description!:text headers:{&HEADER} content:{MEDIA_TYPE} links:any

HEADER headers a header
    description:text required:flag deprecated:flag allowEmptyValue:flag style:text
    explode:flag schema:&SCHEMA example:any examples:{any} content:{MEDIA_TYPE}

SCHEMA schemas a schema
    title:text type:text format:text description:text nullable:flag enum:[any] default:any
    example:any deprecated:flag readOnly:flag writeOnly:flag properties:{&SCHEMA}
    additionalProperties:flag-or-schema required:[text] items:&SCHEMA minimum:number
    maximum:number exclusiveMinimum:flag exclusiveMaximum:flag multipleOf:number
    minLength:number maxLength:number pattern:text minItems:number maxItems:number
    uniqueItems:flag minProperties:number maxProperties:number allOf:[&SCHEMA]
    oneOf:[&SCHEMA] anyOf:[&SCHEMA] not:&SCHEMA discriminator:any xml:any externalDocs:any
    x-unit:any x-enum-descriptions:{text} x-smartcar-irregular:[text] x-smartcar-state:text
    x-smartcar-errors:[{any}] x-smartcar-v3:{any} x-smartcar-signal:text
    x-smartcar-group:text x-smartcar-name:text x-smartcar-certainty:text
    x-smartcar-envelope:flag x-smartcar-shared:flag x-smartcar-personal:flag
";

/// The type of a member.
pub(super) enum Form {
    /// Anything.
    Any,
    /// A string.
    Text,
    /// `true` or `false`.
    Flag,
    /// A number.
    Number,
    /// A list of this type.
    List(Box<Form>),
    /// A map from names to this type.
    Map(Box<Form>),
    /// An object of the table.
    Object(&'static str),
    /// An object of the table or a reference to one.
    Ref(&'static str),
    /// `true`, `false` or a schema.
    FlagOrSchema,
    /// The responses, by status.
    Statuses,
}

/// An object's members.
pub(super) struct Members {
    /// The object's name in messages, with its article.
    pub(super) name: &'static str,
    /// Its folder in `components`, for references.
    pub(super) folder: &'static str,
    pub(super) list: Vec<(&'static str, Form)>,
    pub(super) required: Vec<&'static str>,
}

static MEMBERS: LazyLock<BTreeMap<&str, Members>> =
    LazyLock::new(|| TABLE.split("\n\n").filter_map(paragraph).collect());

/// The members of an object, by its name in the table.
pub(super) fn members(name: &str) -> &'static Members {
    &MEMBERS[name]
}

fn paragraph(text: &'static str) -> Option<(&'static str, Members)> {
    let (head, members) = text.trim().split_once('\n')?;
    let mut head = head.splitn(3, ' ');
    let (key, folder, name) = (head.next()?, head.next()?, head.next()?);
    let (mut list, mut required) = (Vec::new(), Vec::new());
    for (name, held) in members
        .split_whitespace()
        .filter_map(|member| member.split_once(':'))
    {
        let plain = name.trim_end_matches('!');
        required.extend((plain != name).then_some(plain));
        list.push((plain, form(held)));
    }
    let found = Members {
        name,
        folder,
        list,
        required,
    };
    Some((key, found))
}

fn form(text: &'static str) -> Form {
    let inside = |open, close| {
        text.strip_prefix(open)
            .and_then(|rest| rest.strip_suffix(close))
    };
    if let Some(inner) = inside('[', ']') {
        return Form::List(Box::new(form(inner)));
    }
    if let Some(inner) = inside('{', '}') {
        return Form::Map(Box::new(form(inner)));
    }
    match text {
        "any" => Form::Any,
        "text" => Form::Text,
        "flag" => Form::Flag,
        "number" => Form::Number,
        "flag-or-schema" => Form::FlagOrSchema,
        "statuses" => Form::Statuses,
        name => name.strip_prefix('&').map_or(Form::Object(name), Form::Ref),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_object_that_a_member_names_is_in_the_table() {
        fn check(form: &Form) {
            match form {
                Form::List(inner) | Form::Map(inner) => check(inner),
                Form::Object(name) | Form::Ref(name) => {
                    assert!(MEMBERS.contains_key(name), "{name}");
                }
                _ => {}
            }
        }
        for members in MEMBERS.values() {
            assert!(!members.list.is_empty(), "{}", members.name);
            members.list.iter().for_each(|(_, form)| check(form));
        }
        assert_eq!(MEMBERS.len(), 14);
    }
}
