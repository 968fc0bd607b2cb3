// Prints where a version of MuJoCo keeps what understudy reads, as an entry of envs/mujoco/physics/native-layout.ts:
//
//   cc -I<its include folder> experiments/mujoco-layout.c -o layout && ./layout
//
// Nothing is linked. The numbers are the same on all platforms with pointers of 64 bits.
#include <stddef.h>
#include <stdio.h>
#include <mujoco/mujoco.h>

#undef MJ_M
#define MJ_M(size) 0  // arrays with a variable number of columns are left out
#undef XNV
#define XNV X

#define mjtNum_TYPE "float64"
#define float_TYPE "float32"
#define int_TYPE "int32"
#define mjtByte_TYPE "uint8"
#define mjtBool_TYPE "uint8"

#define SIZE(name) printf(" %s: %zu,", #name, offsetof(mjModel, name));
#define FIELD(name) printf(" %s: %zu,", #name, offsetof(mjData, name));

int main(void) {
  int version = mjVERSION_HEADER;
  printf("\"%d.%d.%d\": {", version / 1000000, version / 1000 % 1000, version % 1000);
  printf("integrationState: %d,", mjSTATE_INTEGRATION);
  printf("sizeBytes: %zu, modelBytes: %zu, dataBytes: %zu,", sizeof(((mjModel*)0)->nq), sizeof(mjModel),
         sizeof(mjData));
  printf("timestep: %zu, modelBuffer: %zu,", offsetof(mjModel, opt) + offsetof(mjOption, timestep),
         offsetof(mjModel, buffer));
  printf("time: %zu, warnings: %zu, dataBuffer: %zu, dataBufferBytes: %zu,", offsetof(mjData, time),
         offsetof(mjData, warning), offsetof(mjData, buffer), offsetof(mjData, nbuffer));
  printf("sizes: {");
  SIZE(nq) SIZE(nv) SIZE(nu) SIZE(na) SIZE(nbody) SIZE(njnt) SIZE(ngeom) SIZE(nsite) SIZE(ntendon) SIZE(nJten)
  SIZE(nactuator) SIZE(nout) SIZE(nbuffer)
  printf("}, data: {");
  FIELD(qpos) FIELD(qvel) FIELD(ctrl) FIELD(xpos) FIELD(xipos) FIELD(cinert) FIELD(cvel) FIELD(cfrc_ext)
  FIELD(qfrc_actuator) FIELD(qfrc_constraint) FIELD(geom_xpos) FIELD(geom_xmat) FIELD(site_xpos)
  printf("}, model: {");
#define X(type, name, rows, columns) \
  if (columns) printf(" %s: [%zu, \"%s\", \"%s\", %d],", #name, offsetof(mjModel, name), type##_TYPE, #rows, columns);
  X(mjtNum, qpos0, nq, 1)
  X(mjtNum, qpos_spring, nq, 1)
  MJMODEL_POINTERS_BODY
  MJMODEL_POINTERS_JOINT
  MJMODEL_POINTERS_DOF
  MJMODEL_POINTERS_GEOM
  MJMODEL_POINTERS_SITE
  MJMODEL_POINTERS_TENDON
  MJMODEL_POINTERS_ACTUATOR
  printf("}},\n");
  return 0;
}
