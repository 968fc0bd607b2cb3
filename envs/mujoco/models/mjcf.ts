/** @file Writes MJCF, MuJoCo's model format: the frame of a document, and elements that several robots share. */

/** Colours of geoms, red, green, blue and opacity. */
export const colours = {
  ground: "0.93 0.93 0.9 1",
  rail: "0.45 0.47 0.52 1",
  body: "0.85 0.55 0.3 1",
  near: "0.85 0.55 0.3 1",
  far: "0.45 0.45 0.75 1",
  target: "0.85 0.2 0.25 1",
} as const;

export interface Mjcf {
  name: string;
  /** Attributes of `<option>`: the time step (s), the integrator, the medium. */
  option: string;
  /** Attributes of `<compiler>` besides the angle unit and the frame. */
  compiler?: string;
  /** Elements of `<default>`. */
  defaults: string;
  /** Elements of `<worldbody>`. */
  world: string;
  /** Elements of `<actuator>`. */
  actuators: string;
  /** Further sections, such as `<tendon>`. */
  more?: string;
}

/** An MJCF document with angles in radians. Its memory arena is small, so thousands of copies fit in memory. */
export const mjcf = ({
  name,
  option,
  compiler = "",
  defaults,
  world,
  actuators,
  more = "",
}: Mjcf): string => `
<mujoco model="${name}">
  <compiler angle="radian" autolimits="true" ${compiler}/>
  <size memory="1M"/>
  <option ${option}/>
  <default>${defaults}</default>
  <worldbody>${world}</worldbody>
  <actuator>${actuators}</actuator>
  ${more}
</mujoco>`;

export const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** The joints of a body that moves in the x–z plane: along x, along z (`height` at the start), and about y. */
export const planarRoot = (height: number): string => `
  <joint name="rootx" type="slide" axis="1 0 0" pos="0 0 ${-height}" damping="0" armature="0" stiffness="0"/>
  <joint name="rootz" type="slide" axis="0 0 1" pos="0 0 ${-height}" ref="${height}"
    damping="0" armature="0" stiffness="0"/>
  <joint name="rooty" type="hinge" axis="0 1 0" damping="0" armature="0" stiffness="0"/>`;

/** A motor for each joint. */
export const motors = (joints: Record<string, number>): string =>
  Object.entries(joints)
    .map(([joint, gear]) => `<motor name="${joint}" joint="${joint}" gear="${gear}"/>`)
    .join("\n");
