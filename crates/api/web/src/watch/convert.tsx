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

const SECONDS = { type: 'number', min: 0, max: 86_399, step: 'any' };

/** What both fields say; `null` for all of the upload. */
export function clip(from: string, to: string): { fromSeconds?: number; toSeconds?: number } | null {
  if (from.trim() === '' && to.trim() === '') return null;
  return {
    ...(from.trim() === '' ? {} : { fromSeconds: Number(from) }),
    ...(to.trim() === '' ? {} : { toSeconds: Number(to) }),
  };
}

/** Converts the same upload anew, in another way. */
export function Convert({ video, onDone, onClose }: Props) {
  const { videos, config } = useApp();
  const [profile, setProfile] = useState(video.profile ?? config.defaultProfile);
  const [download, setDownload] = useState(video.download ?? video.playback?.fileUrl !== undefined);
  const [from, setFrom] = useState(video.clip?.fromSeconds?.toString() ?? '');
  const [to, setTo] = useState(video.clip?.toSeconds?.toString() ?? '');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  // A stack may have profiles of its own.
  const profiles = config.profiles.includes(profile) ? config.profiles : [...config.profiles, profile];
  const convert = async (event: SubmitEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      onDone(await videos.reprocess(video.id, { profile, download, clip: clip(from, to) }));
    } catch (error) {
      setError(error);
      setBusy(false);
    }
  };
  return (
    <Dialog title="Convert again" onClose={onClose}>
      <form className="form" onSubmit={(event) => void convert(event)}>
        <p>
          What can be watched now stays until the new conversion is done. It costs as much as a first one.
        </p>
        <label>
          Profile
          <select value={profile} onChange={(event) => setProfile(event.target.value)}>
            {profiles.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <label className="check">
          <input type="checkbox" checked={download} onChange={(event) => setDownload(event.target.checked)} />
          An MP4 file to download as well
        </label>
        <fieldset className="range">
          <legend>Part of the upload, in seconds; all of it where both are empty</legend>
          <label>
            From
            <input {...SECONDS} value={from} onChange={(event) => setFrom(event.target.value)} />
          </label>
          <label>
            To
            <input {...SECONDS} value={to} onChange={(event) => setTo(event.target.value)} />
          </label>
        </fieldset>
        {error !== null && <Notice error={error} />}
        <div className="dialog-actions">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button primary" disabled={busy}>
            Convert
          </button>
        </div>
      </form>
    </Dialog>
  );
}
