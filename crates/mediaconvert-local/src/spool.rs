//! Bodies of any length, on their way to a file.

use std::io::SeekFrom;
use std::time::Duration;

use aws_sdk_s3::primitives::ByteStream;
use tokio::io::{AsyncSeekExt, AsyncWriteExt};
use tokio::time::timeout;

/// Bytes that are left out of the local file at once when they are all zero.
const HOLE: usize = 64 * 1024;

/// A file that is written from its beginning to its end, without the zeros in it.
pub(crate) struct Spool {
    file: tokio::io::BufWriter<tokio::fs::File>,
    /// Bytes so far.
    pub(crate) size: u64,
    /// Bytes of the last hole, that are not there yet.
    hole: u64,
}

impl Spool {
    pub(crate) fn new(file: tokio::fs::File) -> Self {
        Self {
            file: tokio::io::BufWriter::with_capacity(1 << 20, file),
            size: 0,
            hole: 0,
        }
    }

    /// Writes all of a body; tells why it broke off, if it did. A piece may take as long to come.
    pub(crate) async fn take(
        &mut self,
        mut body: ByteStream,
        patience: Duration,
    ) -> std::io::Result<Option<String>> {
        loop {
            match timeout(patience, body.next()).await {
                Ok(None) => return Ok(None),
                Ok(Some(Ok(bytes))) => self.write(&bytes).await?,
                Ok(Some(Err(error))) => return Ok(Some(error.to_string())),
                Err(_) => return Ok(Some("it stood still".to_owned())),
            }
        }
    }

    async fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.size += length(bytes);
        for part in bytes.chunks(HOLE) {
            // Two parts of themselves that begin with a zero are equal only if all are zero.
            if part.first() == Some(&0) && part[1..] == part[..part.len() - 1] {
                self.hole += length(part);
                continue;
            }
            if self.hole > 0 {
                let hole = i64::try_from(self.hole).map_err(std::io::Error::other)?;
                self.file.seek(SeekFrom::Current(hole)).await?;
                self.hole = 0;
            }
            self.file.write_all(part).await?;
        }
        Ok(())
    }

    /// Tells how many bytes there are.
    pub(crate) async fn finish(mut self) -> std::io::Result<u64> {
        self.file.flush().await?;
        self.file.get_ref().set_len(self.size).await?;
        Ok(self.size)
    }
}

fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_spooled_file_has_all_its_bytes(
            parts in prop::collection::vec((prop::sample::select(vec![0u8, 0, 1]), 0usize..200_000), 0..8),
        ) {
            let parts: Vec<Vec<u8>> = parts.into_iter().map(|(byte, size)| vec![byte; size]).collect();
            let folder = tempfile::TempDir::new().unwrap();
            let path = folder.path().join("spool");
            let runtime = tokio::runtime::Runtime::new().unwrap();
            let size = runtime.block_on(async {
                let mut spool = Spool::new(tokio::fs::File::create(&path).await?);
                for part in &parts {
                    spool.write(part).await?;
                }
                spool.finish().await
            });
            let whole = parts.concat();
            prop_assert_eq!(size.unwrap(), length(&whole));
            prop_assert_eq!(std::fs::read(&path).unwrap(), whole);
        }
    }
}
