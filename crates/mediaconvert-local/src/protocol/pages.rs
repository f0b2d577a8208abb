//! Bodies and pages.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::ApiError;

/// Items on a page at most, and when nothing else is asked for.
pub(super) const PAGE: usize = 20;

/// What each list is asked with.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PageQuery {
    max_results: Option<String>,
    pub(super) next_token: Option<String>,
    order: Option<String>,
}

impl PageQuery {
    /// Items on a page.
    pub(super) fn limit(&self) -> Result<usize, ApiError> {
        match self.max_results.as_deref().map(str::parse) {
            None => Ok(PAGE),
            Some(Ok(limit @ 1..=PAGE)) => Ok(limit),
            Some(_) => Err(ApiError::bad_request("maxResults: Should be from 1 to 20")),
        }
    }

    /// Whether the order is turned to ascending (`true`) or descending.
    pub(super) fn ascending(&self) -> Result<Option<bool>, ApiError> {
        let order = self.order.as_deref();
        one_of("order", order, &["ASCENDING", "DESCENDING"])?;
        Ok(order.map(|order| order == "ASCENDING"))
    }
}

/// The page of `all` that is asked for, ascending by `place` if nothing else is said, and the token of
/// the next page: the place of the last item, so that pages survive changes.
pub(super) fn of<T>(
    mut all: Vec<T>,
    place: impl Fn(&T) -> String,
    query: &PageQuery,
) -> Result<(Vec<T>, Option<String>), ApiError> {
    let (limit, ascending) = (query.limit()?, query.ascending()?.unwrap_or(true));
    all.sort_by_cached_key(&place);
    if !ascending {
        all.reverse();
    }
    if let Some(token) = &query.next_token {
        all.retain(|item| {
            let place = place(item);
            if ascending {
                place > *token
            } else {
                place < *token
            }
        });
    }
    let more = all.len() > limit;
    all.truncate(limit);
    let next = all.last().filter(|_| more).map(&place);
    Ok((all, next))
}

/// Refuses a value that is none of these.
pub(super) fn one_of(name: &str, value: Option<&str>, values: &[&str]) -> Result<(), ApiError> {
    match value {
        Some(value) if !values.contains(&value) => Err(ApiError::bad_request(format!(
            "{name}: '{value}' should be one of {}",
            values.join(", ")
        ))),
        _ => Ok(()),
    }
}

/// The body as an object; none at all is an empty one.
pub(super) fn object(body: &[u8]) -> Result<Map<String, Value>, ApiError> {
    if body.is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(ApiError::bad_request("/: Should be an object")),
        Err(error) => Err(ApiError::bad_request(format!(
            "The request is not JSON: {error}"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_read_to_the_end_in_both_orders_whatever_changes() {
        let place = |name: &&str| (*name).to_owned();
        for (order, expected) in [
            ("ASCENDING", ["a", "b", "c"]),
            ("DESCENDING", ["c", "b", "a"]),
        ] {
            let mut query = PageQuery {
                max_results: Some("1".to_owned()),
                order: Some(order.to_owned()),
                ..PageQuery::default()
            };
            let mut read = Vec::new();
            let mut all = vec!["b", "c", "a"];
            loop {
                let (page, next) = of(all.clone(), place, &query).unwrap();
                read.extend(page);
                // What was read may be removed meanwhile.
                all.retain(|name| name != read.last().unwrap());
                query.next_token = next;
                if query.next_token.is_none() {
                    break;
                }
            }
            assert_eq!(read, expected);
        }
    }
}
