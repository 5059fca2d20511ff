use super::*;

fn parameters() -> Vec<QueryParameter> {
    [
        json!({"name": "limit", "in": "query",
               "schema": {"type": "integer", "minimum": 1, "maximum": 50, "default": 2}}),
        json!({"name": "offset", "in": "query",
               "schema": {"type": "integer", "minimum": 0, "default": 0}}),
    ]
    .iter()
    .map(|parameter| QueryParameter::read(&json!({}), parameter).unwrap())
    .collect()
}

fn page(query: &str) -> Result<Value, Vec<Detail>> {
    let body = json!({"list": ["a", "b", "c"], "paging": {"count": 0, "offset": 0}});
    let body = apply(&parameters(), query, body.to_string())?;
    Ok(serde_json::from_str(&body).unwrap())
}

#[test]
fn a_page_is_cut_and_the_count_is_the_whole() {
    for (query, list, offset) in [
        ("", json!(["a", "b"]), 0),
        ("limit=1&offset=1", json!(["b"]), 1),
        ("offset=2", json!(["c"]), 2),
        ("offset=9", json!([]), 9),
        ("limit=50&flags=country%3ADE", json!(["a", "b", "c"]), 0),
        ("limit=1&limit=3", json!(["a", "b", "c"]), 0),
    ] {
        let expected = json!({"list": list, "paging": {"count": 3, "offset": offset}});
        assert_eq!(page(query).unwrap(), expected, "{query}");
    }
}

#[test]
fn a_number_out_of_range_is_refused_by_name() {
    for (query, names) in [
        ("limit=0", vec!["limit"]),
        ("limit=51", vec!["limit"]),
        ("limit=x&offset=-1", vec!["limit", "offset"]),
    ] {
        let details = page(query).unwrap_err();
        let fields: Vec<_> = details
            .iter()
            .map(|detail| detail.field[0].clone())
            .collect();
        assert_eq!(fields, names, "{query}");
    }
}

#[test]
fn a_date_must_be_one() {
    let parameter = json!({"name": "startDate", "in": "query",
                           "schema": {"type": "string", "format": "date"}});
    let parameter = [QueryParameter::read(&json!({}), &parameter).unwrap()];
    for day in ["2026-03-14", "2024-02-29", "2000-02-29", "2026%2D12%2D31"] {
        let query = format!("startDate={day}");
        assert!(apply(&parameter, &query, String::new()).is_ok(), "{query}");
    }
    for day in [
        "",
        "0",
        "2026-3-14",
        "2026-02-29",
        "1900-02-29",
        "2026-13-01",
        "2026-04-31",
        "2026-00-10",
        "2026-01-00",
        "2026-01-01T00:00:00Z",
        "+026-01-01",
        "2026-01-01-",
    ] {
        let query = format!("startDate={day}");
        let details = apply(&parameter, &query, String::new()).unwrap_err();
        assert_eq!(details[0].field, ["startDate"], "{query}");
    }
    assert!(apply(&parameter, "", String::new()).is_ok());
}

#[test]
fn a_required_parameter_must_be_there() {
    let parameter = json!({"name": "day", "in": "query", "required": true,
                           "schema": {"type": "string"}});
    let parameter = QueryParameter::read(&json!({}), &parameter).unwrap();
    assert!(apply(&[parameter], "", String::new()).is_err());
}
