import { describe, expect, it } from "vitest";
import { countCut, createRecorder, cutWarning, trajectoryReturn } from "../../src/rollout/trajectory.js";
import { box, discrete } from "../../src/spaces/index.js";

describe("trajectoryReturn", () => {
  it("is the undiscounted sum of raw rewards", () => {
    expect(trajectoryReturn({ rewards: Float64Array.of(1, -2, 4) })).toBe(3);
    expect(trajectoryReturn({ rewards: new Float64Array(0) })).toBe(0);
  });

  it("sums in float64, in order of time", () => {
    const rewards = new Float64Array(1000).fill(0.1);
    expect(trajectoryReturn({ rewards })).toBe(rewards.reduce((sum, reward) => sum + reward, 0));
  });
});

describe("createRecorder", () => {
  it("selects its row of each batch, and copies it before it is overwritten", () => {
    const recorder = createRecorder(box([2], -9, 9), discrete(5));
    const observations = Float32Array.of(0, 0, 1, 2);
    const actions = Int32Array.of(0, 3);
    recorder.act(observations, actions, 1);
    observations.fill(7);
    actions.fill(4);
    recorder.reward(0.5);
    const trajectory = recorder.finish(Float32Array.of(0, 0, 5, 6), 1, {
      terminated: false,
      truncated: true,
    });
    expect(trajectory).toEqual({
      observations: Float32Array.of(1, 2, 5, 6),
      actions: Int32Array.of(3),
      rewards: Float64Array.of(0.5),
      terminated: false,
      truncated: true,
    });
  });

  it("restarts after an episode, and does not change the finished one", () => {
    const recorder = createRecorder(discrete(9), box([1], -1, 1));
    const record = (observation: number, action: number) => {
      recorder.act(Float32Array.of(observation), Float32Array.of(action), 0);
      recorder.reward(observation);
      return recorder.finish(Float32Array.of(observation + 1), 0, { terminated: true, truncated: false });
    };
    const first = record(1, 0.25);
    const second = record(5, -0.25);
    expect([...first.observations, ...first.actions, ...first.rewards]).toEqual([1, 2, 0.25, 1]);
    expect([...second.observations, ...second.actions, ...second.rewards]).toEqual([5, 6, -0.25, 5]);
  });
});

describe("episodes that a limit cut", () => {
  it("are counted, and named in a warning with the option that sets the limit", () => {
    expect(countCut([{}, { cutByLimit: true }, {}])).toBe(1);
    expect(cutWarning(0, 20)).toBeUndefined();
    expect(cutWarning(3, 20)).toMatch(
      /^warning: 3 of 20 episodes did not end .* --max-episode-steps .*10000 /,
    );
    expect(cutWarning(3)).toMatch(/^warning: 3 episodes did not end/);
  });
});
