//! placeholder
use serde_json::{Map, Value};
/// A request that passed.
#[derive(Debug, Default)]
pub struct Checked {
    /// Warnings.
    pub warnings: Vec<String>,
}
/// Checks.
/// # Errors
/// The message.
pub fn create_job(request: &Map<String, Value>) -> Result<Checked, String> {
    if let Some(p) = crate::schema::check("CreateJobRequest", &Value::Object(request.clone()), "")
        .into_iter()
        .next()
    {
        return Err(p);
    }
    crate::settings::Settings::from_json(&request["settings"]).map_err(|e| e.to_string())?;
    Ok(Checked::default())
}
