/** @file Small models for the tests of the physics engines. */

const SKY = `<option timestep="0.01"/><size memory="1M"/>`;

/** A pendulum that a motor turns. */
export const PENDULUM = `<mujoco>${SKY}
  <worldbody><body name="arm"><joint name="hinge" type="hinge" axis="0 1 0" damping="0.1"/>
    <geom name="rod" type="capsule" fromto="0 0 0 0 0 -1" size="0.05"/></body></worldbody>
  <actuator><motor name="motor" joint="hinge"/></actuator></mujoco>`;

/** A two-legged thing that falls on the ground and kicks: contacts, limits, actuators, a site. */
export const KICKER = `<mujoco>${SKY}
  <default><geom friction="0.9 0.1 0.1" density="800"/><joint damping="0.5" armature="0.01"/></default>
  <worldbody>
    <geom name="floor" type="plane" size="10 10 0.1"/>
    <body name="torso" pos="0 0 0.6">
      <freejoint name="root"/>
      <geom name="trunk" type="sphere" size="0.15"/>
      <site name="top" pos="0 0 0.2"/>
      <body name="left" pos="0.15 0 0">
        <joint name="left hip" type="hinge" axis="0 1 0" range="-60 60" limited="true"/>
        <geom name="left leg" type="capsule" fromto="0 0 0 0.2 0 -0.3" size="0.05"/>
      </body>
      <body name="right" pos="-0.15 0 0">
        <joint name="right hip" type="hinge" axis="0 1 0" range="-60 60" limited="true"/>
        <geom name="right leg" type="box" pos="-0.1 0 -0.15" size="0.05 0.05 0.15"/>
      </body>
    </body>
  </worldbody>
  <actuator>
    <motor name="kick left" joint="left hip" gear="20" ctrlrange="-1 1" ctrllimited="true"/>
    <motor name="kick right" joint="right hip" gear="20" ctrlrange="-1 1" ctrllimited="true"/>
  </actuator></mujoco>`;

/** Controls that differ from step to step, the same in every run. */
export function drive(ctrl: Float64Array, step: number): void {
  for (let i = 0; i < ctrl.length; i++) ctrl[i] = Math.sin(0.3 * step + 2 * i);
}
