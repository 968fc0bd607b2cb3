// Prints where a version of MuJoCo keeps what understudy reads, as an entry of envs/mujoco/physics/native-layout.ts:
//
//   cc -I<its include folder> experiments/mujoco-layout.c -o layout && ./layout
//
// Nothing is linked. The numbers are the same on all platforms with pointers of 64 bits.
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <mujoco/mujoco.h>
#include <mujoco/mjxmacro.h>

#undef MJ_M
#define MJ_M(size) 0  // arrays with a variable number of columns are left out
#undef XNV
#define XNV X

#define mjtNum_TYPE "float64"
#define float_TYPE "float32"
#define int_TYPE "int32"
#define mjtByte_TYPE "uint8"
#define mjtBool_TYPE "uint8"
#define char_TYPE "int8"

#define SIZE(name) printf(" %s: %zu,", #name, offsetof(mjModel, name));
#define FIELD(name) printf(" %s: %zu,", #name, offsetof(mjData, name));

// Whether an array has as many rows as a size that is printed: meshes and the like are left out.
static int known(const char* rows) {
  const char* all = " nq nv nu nbody njnt ngeom nsite ntendon nJten nactuator nout ";
  const char* found = strstr(all, rows);
  return found && found[-1] == ' ' && found[strlen(rows)] == ' ';
}

int main(void) {
  int version = mjVERSION_HEADER;
  if (version < 1000) printf("\"%d.%d.%d\": {", version / 100, version / 10 % 10, version % 10);
  else printf("\"%d.%d.%d\": {", version / 1000000, version / 1000 % 1000, version % 1000);
#ifdef MJMODEL_POINTERS_BODY
  printf("integrationState: %d,", mjSTATE_INTEGRATION);
#endif
  printf("tendonType: %d, warningKinds: %d,", mjOBJ_TENDON, mjNWARNING);
  printf("modelBufferWidth: %zu, dataBufferWidth: %zu,", sizeof(((mjModel*)0)->nbuffer), sizeof(((mjData*)0)->nbuffer));
  printf("sizeBytes: %zu, modelBytes: %zu, dataBytes: %zu,", sizeof(((mjModel*)0)->nq), sizeof(mjModel),
         sizeof(mjData));
  printf("timestep: %zu, modelBuffer: %zu,", offsetof(mjModel, opt) + offsetof(mjOption, timestep),
         offsetof(mjModel, buffer));
  printf("time: %zu, warnings: %zu, dataBuffer: %zu, dataBufferBytes: %zu,", offsetof(mjData, time),
         offsetof(mjData, warning), offsetof(mjData, buffer), offsetof(mjData, nbuffer));
  printf("sizes: {");
  SIZE(nq) SIZE(nv) SIZE(nu) SIZE(na) SIZE(nbody) SIZE(njnt) SIZE(ngeom) SIZE(nsite) SIZE(ntendon) SIZE(nmocap)
  SIZE(nuserdata) SIZE(nbuffer)
#ifdef MJMODEL_POINTERS_BODY
  SIZE(nJten) SIZE(nactuator) SIZE(nout)
#endif
  printf("}, data: {");
  FIELD(qpos) FIELD(qvel) FIELD(ctrl) FIELD(xpos) FIELD(xipos) FIELD(cinert) FIELD(cvel) FIELD(cfrc_ext)
  FIELD(qfrc_actuator) FIELD(qfrc_constraint) FIELD(geom_xpos) FIELD(geom_xmat) FIELD(site_xpos)
#ifndef MJMODEL_POINTERS_BODY
  // Without mj_getState, the arrays that stepping depends on are read.
  FIELD(act) FIELD(qacc_warmstart) FIELD(qfrc_applied) FIELD(xfrc_applied) FIELD(mocap_pos) FIELD(mocap_quat)
  FIELD(userdata)
#endif
  printf("}, model: {");
#define X(type, name, rows, columns) \
  if (columns && known(#rows)) printf(" %s: [%zu, \"%s\", \"%s\", %d],", #name, offsetof(mjModel, name), type##_TYPE, #rows, columns);
#ifdef MJMODEL_POINTERS_BODY
  X(mjtNum, qpos0, nq, 1)
  X(mjtNum, qpos_spring, nq, 1)
  MJMODEL_POINTERS_BODY
  MJMODEL_POINTERS_JOINT
  MJMODEL_POINTERS_DOF
  MJMODEL_POINTERS_GEOM
  MJMODEL_POINTERS_SITE
  MJMODEL_POINTERS_TENDON
  MJMODEL_POINTERS_ACTUATOR
#else
  MJMODEL_POINTERS
#endif
  printf("}},\n");
  return 0;
}
