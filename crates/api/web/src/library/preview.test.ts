import { expect, test } from 'vitest';
import { previewUrls } from './preview';

function stills(count: number, firstUrl = 'http://host/v/r/video_thumb.0000000.jpg') {
  return { firstUrl, count, intervalSeconds: 2, width: 320, height: 180 };
}

function numbers(count: number): number[] {
  return previewUrls(stills(count)).map((url) => Number(/\.(\d{7})\.jpg$/.exec(url)?.[1]));
}

test('a short video shows all of its stills', () => {
  expect(numbers(3)).toEqual([0, 1, 2]);
});

test('a long one shows few, spread over it', () => {
  expect(numbers(720)).toEqual([0, 72, 144, 216, 288, 360, 432, 504, 576, 648]);
  expect(numbers(11)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test('what has one still, or none that can be counted, has no preview', () => {
  expect(numbers(1)).toEqual([]);
  expect(numbers(0)).toEqual([]);
  expect(previewUrls(stills(9, 'http://host/still.jpg'))).toEqual([]);
});
