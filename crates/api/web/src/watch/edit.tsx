import { useState, type SubmitEvent } from 'react';
import { useApp } from '../app-context';
import type { Video } from '../api/videos';
import { Dialog } from '../ui/dialog';
import { Notice } from '../ui/notice';

interface Props {
  video: Video;
  onDone: (video: Video) => void;
  onClose: () => void;
}

/** Changes title and description. */
export function Edit({ video, onDone, onClose }: Props) {
  const { videos } = useApp();
  const [title, setTitle] = useState(video.title);
  const [description, setDescription] = useState(video.description ?? '');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const save = async (event: SubmitEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      onDone(await videos.edit(video.id, { title: title.trim(), description }));
    } catch (error) {
      setError(error);
      setBusy(false);
    }
  };
  return (
    <Dialog title="Edit" onClose={onClose}>
      <form className="form" onSubmit={(event) => void save(event)}>
        <label>
          Title
          <input required maxLength={200} value={title} onChange={(event) => setTitle(event.target.value)} />
        </label>
        <label>
          Description
          <textarea
            rows={5}
            maxLength={5000}
            value={description}
            onChange={(event) => setDescription(event.target.value)}
          />
        </label>
        {error !== null && <Notice error={error} />}
        <div className="dialog-actions">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button primary" disabled={busy || title.trim() === ''}>
            Save
          </button>
        </div>
      </form>
    </Dialog>
  );
}
