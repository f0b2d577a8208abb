import { useState } from 'react';
import { useApp } from '../app-context';
import type { Video } from '../api/videos';
import { Dialog } from '../ui/dialog';
import { Notice } from '../ui/notice';

interface Props {
  video: Video;
  onDone: () => void;
  onClose: () => void;
}

/** Asks before a video is deleted. */
export function Delete({ video, onDone, onClose }: Props) {
  const { videos } = useApp();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const remove = async () => {
    setBusy(true);
    try {
      await videos.delete(video.id);
      onDone();
    } catch (error) {
      setError(error);
      setBusy(false);
    }
  };
  return (
    <Dialog title={`Delete “${video.title}”?`} onClose={onClose}>
      <p>The source and everything that was made of it are removed. This can’t be undone.</p>
      {error !== null && <Notice error={error} />}
      <div className="dialog-actions">
        <button type="button" className="button" onClick={onClose}>
          Keep
        </button>
        <button type="button" className="button danger" disabled={busy} onClick={() => void remove()}>
          Delete
        </button>
      </div>
    </Dialog>
  );
}
