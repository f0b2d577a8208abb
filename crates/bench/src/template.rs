//! The table's indexes as `template.yaml` declares them.

use anyhow::{Context as _, ensure};

use crate::aws::dynamodb::Index;

const TEMPLATE: &str = include_str!("../../../template.yaml");

/// The indexes of the table of videos.
pub(crate) fn indexes() -> anyhow::Result<Vec<Index>> {
    parse(TEMPLATE)
}

/// Reads the lines of the only `GlobalSecondaryIndexes`: a parser of YAML would stumble over the tags of `CloudFormation`.
fn parse(template: &str) -> anyhow::Result<Vec<Index>> {
    let lines = template.lines().map(str::trim);
    let mut lines = lines.skip_while(|line| *line != "GlobalSecondaryIndexes:");
    lines.next().context("the template declares no indexes")?;
    let mut indexes: Vec<Index> = Vec::new();
    for line in lines.take_while(|line| line.starts_with(['-', '#', 'K', 'P', 'N'])) {
        if line.starts_with("PointInTime") {
            break;
        } else if line.starts_with("- IndexName:") {
            indexes.push(Index::default());
        } else if let Some(index) = indexes.last_mut() {
            if let Some(rest) = line.strip_prefix("- {AttributeName: ") {
                let name = rest.split(',').next().unwrap_or(rest);
                index.keys.push(name.to_owned());
            } else if let Some(rest) = line.strip_prefix("Projection: ") {
                let names = rest.split_once("NonKeyAttributes: [");
                ensure!(
                    names.is_some() || rest == "{ProjectionType: KEYS_ONLY}",
                    "the bench can't read {line}"
                );
                let names = names.map_or("", |(_, names)| names.trim_end_matches([']', '}']));
                let names = names.split(", ").filter(|name| !name.is_empty());
                index.projected.extend(names.map(str::to_owned));
            }
        }
    }
    ensure!(
        indexes.iter().all(|index| !index.keys.is_empty()),
        "an index without keys"
    );
    Ok(indexes)
}

#[cfg(test)]
mod tests {
    use super::{indexes, parse};

    #[test]
    fn the_table_has_an_index_of_owners() {
        let found = indexes().unwrap();
        assert!(
            found
                .iter()
                .any(|index| index.keys == ["owner", "createdAt"])
        );
    }

    #[test]
    fn a_projection_of_everything_is_not_taken_for_keys() {
        let template = "GlobalSecondaryIndexes:\n- IndexName: a\nKeySchema:\n- {AttributeName: b, KeyType: HASH}\n";
        let projecting =
            |kind: &str| parse(&format!("{template}Projection: {{ProjectionType: {kind}}}"));
        assert_eq!(projecting("KEYS_ONLY").unwrap()[0].keys, ["b"]);
        assert_eq!(
            projecting("INCLUDE, NonKeyAttributes: [c, d]").unwrap()[0].projected,
            ["c", "d"]
        );
        assert!(projecting("ALL").is_err());
    }
}
