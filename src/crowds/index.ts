/** @file `understudy-rl/crowds`: labels by several annotators, and models of who is right. */

export { type Agreement, agreement, type PairAgreement } from "./agreement.js";
export { type ReadAnnotationsOptions, readAnnotations } from "./annotation-files.js";
export {
  type AnnotationNames,
  type AnnotationOptions,
  type AnnotationRow,
  type Annotations,
  AnnotationsBuilder,
  annotationsFrom,
  labelsOf,
  type RowFacts,
} from "./annotations.js";
export { type CommonNoise, type CommonNoiseOptions, commonNoise } from "./common-noise.js";
export { type CommunitiesFit, type CommunitiesOptions, communities } from "./communities.js";
export { type DawidSkeneFit, type DawidSkeneOptions, dawidSkene } from "./dawid-skene.js";
export { type LabelFit, predictiveLikelihood } from "./fit.js";
export { type GladFit, type GladOptions, glad } from "./glad.js";
export { type ItemRow, type Items, itemsFrom, readItems } from "./items.js";
export { type Judgement, judgeAnnotators } from "./judgement.js";
export { type MaceFit, type MaceOptions, mace } from "./mace.js";
export { type MajorityVoteOptions, majorityVote } from "./majority-vote.js";
export { type OneCoinFit, type OneCoinOptions, oneCoin } from "./one-coin.js";
export { type PooledFit, pooledMultinomial } from "./pooled-multinomial.js";
export { withPseudonyms } from "./pseudonyms.js";
export { type RaykarFit, type RaykarOptions, raykar } from "./raykar.js";
export { selectItems, splitItems, splitLabels, withLabels } from "./splits.js";
export { joinAnnotations, updateDawidSkene } from "./update.js";
export { type YanFit, type YanOptions, yan } from "./yan.js";
