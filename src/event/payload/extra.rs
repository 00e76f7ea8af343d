/// Free fields that travel with a payload; a JSON object.
pub type Extra = serde_json::Map<String, serde_json::Value>;
