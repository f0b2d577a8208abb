import '@vidstack/react/player/styles/default/theme.css';
import '@vidstack/react/player/styles/default/layouts/video.css';
import '@vidstack/react/player/styles/default/layouts/audio.css';
import {
  MediaPlayer,
  MediaProvider,
  Poster,
  isHLSProvider,
  type MediaPlayerInstance,
  type MediaProviderAdapter,
  type PlayerSrc,
} from '@vidstack/react';
import {
  DefaultAudioLayout,
  DefaultVideoLayout,
  defaultLayoutIcons,
} from '@vidstack/react/player/layouts/default';
import type { Ref } from 'react';
import type { Playback } from '../api/videos';

/** Casting would load a script from elsewhere. */
const NO_CAST = { googleCastButton: null };

interface Props {
  title: string;
  playback: Playback;
  /** The player, once it is there. */
  player: Ref<MediaPlayerInstance>;
}

/** Plays a video: qualities, speed, captions, sound tracks and the picture in the picture are in the player's menus. */
export default function Player({ title, playback, player }: Props) {
  const hasPicture =
    playback.renditions.length === 0 || playback.renditions.some(({ kind }) => kind === 'VIDEO');
  return (
    <MediaPlayer
      ref={player}
      className="player"
      title={title}
      src={source(playback)}
      viewType={hasPicture ? 'video' : 'audio'}
      streamType="on-demand"
      playsInline
      keyTarget="document"
      onProviderChange={giveHls}
    >
      <MediaProvider>
        {playback.posterUrl && hasPicture && (
          <Poster className="vds-poster" src={playback.posterUrl} alt={`A still of ${title}`} />
        )}
      </MediaProvider>
      <DefaultVideoLayout icons={defaultLayoutIcons} thumbnails={playback.storyboardUrl} slots={NO_CAST} />
      <DefaultAudioLayout icons={defaultLayoutIcons} slots={NO_CAST} />
    </MediaPlayer>
  );
}

function source({ hlsUrl, fileUrl }: Playback): PlayerSrc {
  if (hlsUrl !== undefined) return { src: hlsUrl, type: 'application/x-mpegurl' };
  return { src: fileUrl ?? '', type: 'video/mp4' };
}

/** Vidstack would fetch hls.js from a CDN. */
function giveHls(provider: MediaProviderAdapter | null) {
  if (isHLSProvider(provider)) {
    provider.library = () => import('hls.js');
    provider.config = { capLevelToPlayerSize: true, startLevel: -1 };
  }
}
