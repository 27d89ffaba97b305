// When is a value too old to trust? After five seconds on the wall clock; ages of street data are street seconds.
const OLD_S = 5;
let speed = 1;

export function setSpeed(clock) {
  speed = Math.max(1, clock.speed ?? 1);
}

export const isOld = (ageS) => ageS === null || ageS === undefined || ageS > OLD_S * speed;

export const isWallOld = (ageS) => ageS > OLD_S;
