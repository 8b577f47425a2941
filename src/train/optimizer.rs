use std::collections::BTreeMap;

use tch::{Kind, Tensor};

use crate::error::{Error, Result};

/// AdamW (Loshchilov and Hutter 2019), whose state can be saved: the tensor library's own cannot.
///
/// The network may compute in bf16: what is moved then are copies of its variables in fp32, which
/// are rounded back after each step (the master weights of Micikevicius et al. 2018, "Mixed
/// Precision Training"), since a step is often smaller than what bf16 can tell apart.
#[derive(Debug)]
pub(super) struct AdamW {
    groups: Vec<Slot>,
    /// All variables in fp32, those that are not learnt too.
    weights: BTreeMap<String, Tensor>,
    steps: i32,
    weight_decay: f64,
    closeness: f64,
}

#[derive(Debug)]
struct Slot {
    name: String,
    /// The network's, which has the gradient.
    variable: Tensor,
    /// The same in fp32; the same storage if the network is in fp32.
    weight: Tensor,
    mean: Tensor,
    square: Tensor,
    is_head: bool,
    decays: bool,
    /// Where the variable is pulled to; towards zero by weight decay without one.
    anchor: Option<Tensor>,
}

const BETA: (f64, f64) = (0.9, 0.999);
const EPSILON: f64 = 1e-8;

impl AdamW {
    /// For all variables that take gradients. Those of the encoder learn at the encoder's rate, the
    /// others at the heads'. `weights` are the values of all `variables` in fp32: the variables
    /// themselves where they are fp32, else what they were rounded from.
    pub fn new(
        variables: BTreeMap<String, Tensor>,
        weights: BTreeMap<String, Tensor>,
        weight_decay: f64,
    ) -> Self {
        let groups = variables
            .into_iter()
            .filter(|(_, v)| v.requires_grad())
            .filter_map(|(name, variable)| {
                let weight = weights.get(&name)?.detach();
                Some(Slot {
                    mean: weight.zeros_like(),
                    square: weight.zeros_like(),
                    is_head: !name.starts_with("encoder."),
                    decays: variable.dim() > 1,
                    anchor: None,
                    name,
                    variable,
                    weight,
                })
            })
            .collect();
        Self {
            groups,
            weights,
            steps: 0,
            weight_decay,
            closeness: 0.0,
        }
    }

    /// Pulls the variables that `held` accepts towards the values they have now, instead of letting
    /// them decay: by `closeness` times the learning rate of the way each step.
    pub fn hold(&mut self, closeness: f64, held: impl Fn(&str) -> bool) {
        self.closeness = closeness;
        for slot in self.groups.iter_mut().filter(|s| held(&s.name)) {
            slot.anchor = (closeness > 0.0).then(|| slot.weight.copy());
        }
    }

    /// One step on the gradients at hand, which are scaled down to `clip_norm` and then cleared.
    /// Returns their norm before.
    pub fn step(&mut self, rate: f64, head_rate: f64, clip_norm: f64) -> f64 {
        tch::no_grad(|| {
            let norm: f64 = self
                .groups
                .iter()
                .map(|s| s.variable.grad())
                .filter(Tensor::defined)
                .map(|g| g.to_kind(Kind::Float).norm().double_value(&[]).powi(2))
                .sum::<f64>()
                .sqrt();
            let scale = if norm > clip_norm {
                clip_norm / norm
            } else {
                1.0
            };
            self.steps += 1;
            let correct = (1.0 - BETA.0.powi(self.steps), 1.0 - BETA.1.powi(self.steps));
            for slot in &mut self.groups {
                let grad = slot.variable.grad();
                if !grad.defined() {
                    continue;
                }
                let mut grad = grad.to_kind(Kind::Float);
                let rate = if slot.is_head { head_rate } else { rate };
                if scale != 1.0 {
                    let _ = grad.g_mul_scalar_(scale);
                }
                if let Some(anchor) = &slot.anchor {
                    let share = (rate * self.closeness).min(1.0);
                    let _ = slot.weight.lerp_(anchor, share);
                } else if slot.decays {
                    let _ = slot.weight.g_mul_scalar_(1.0 - rate * self.weight_decay);
                }
                let _ = slot.mean.lerp_(&grad, 1.0 - BETA.0);
                let _ = slot.square.g_mul_scalar_(BETA.1);
                let _ = grad.g_mul_scalar_((1.0 - BETA.1).sqrt());
                let _ = slot.square.addcmul_(&grad, &grad);
                let mut root = slot.square.sqrt();
                let _ = root.g_add_scalar_(EPSILON * correct.1.sqrt());
                let _ = root.g_mul_scalar_(-correct.0 / (rate * correct.1.sqrt()));
                let _ = slot.weight.addcdiv_(&slot.mean, &root);
                if slot.variable.kind() != slot.weight.kind() {
                    slot.variable.copy_(&slot.weight);
                }
                slot.variable.zero_grad();
            }
            norm
        })
    }

    /// All variables in fp32, by name.
    pub fn weights(&self) -> &BTreeMap<String, Tensor> {
        &self.weights
    }

    /// The weights and their moments, by name, for a checkpoint.
    pub fn state(&self) -> BTreeMap<String, Tensor> {
        let weights = self
            .weights
            .iter()
            .map(|(name, weight)| (name.clone(), weight.shallow_clone()));
        let moments = self.groups.iter().flat_map(|s| {
            [
                (format!("mean.{}", s.name), s.mean.shallow_clone()),
                (format!("square.{}", s.name), s.square.shallow_clone()),
            ]
        });
        weights.chain(moments).collect()
    }

    /// Takes the weights and moments of a checkpoint made after `steps` steps.
    pub fn restore(
        &mut self,
        state: &std::collections::HashMap<String, Tensor>,
        steps: usize,
    ) -> Result<()> {
        let fitting = |name: String, target: &Tensor| {
            state
                .get(&name)
                .filter(|t| t.size() == target.size())
                .ok_or_else(|| Error::Usage(format!("the checkpoint has no fitting {name}")))
        };
        tch::no_grad(|| {
            for (name, weight) in &mut self.weights {
                weight.copy_(fitting(name.clone(), weight)?);
            }
            for slot in &mut self.groups {
                for (kind, target) in [("mean", &mut slot.mean), ("square", &mut slot.square)] {
                    target.copy_(fitting(format!("{kind}.{}", slot.name), target)?);
                }
                if slot.variable.kind() != slot.weight.kind() {
                    slot.variable.copy_(&slot.weight);
                }
            }
            Ok::<_, Error>(())
        })?;
        self.steps = steps as i32;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(x: &Tensor) -> BTreeMap<String, Tensor> {
        BTreeMap::from([("x".to_string(), x.shallow_clone())])
    }

    #[test]
    fn steps_too_small_for_bf16_add_up() {
        let exact = Tensor::from_slice(&[1.0f32]);
        let x = exact.to_kind(Kind::BFloat16).set_requires_grad(true);
        let mut adam = AdamW::new(named(&x), named(&exact), 0.0);
        for _ in 0..100 {
            (&x * 3.0).sum(Kind::Float).backward();
            adam.step(1e-4, 1e-4, 1e9);
        }
        // bf16 has no number between 0.996 and 1.
        let value = f64::try_from(&exact).unwrap();
        assert!((value - 0.99).abs() < 1e-3, "{value}");
        let rounded = f64::try_from(x.to_kind(Kind::Float)).unwrap();
        assert!((rounded - value).abs() < 4e-3, "{rounded}");
    }

    #[test]
    fn it_finds_the_bottom_of_a_bowl() {
        let x = Tensor::from_slice(&[3.0f32, -4.0])
            .view([1, 2])
            .set_requires_grad(true);
        let mut adam = AdamW::new(named(&x), named(&x), 0.0);
        let goal = Tensor::from_slice(&[1.0f32, 2.0]);
        for _ in 0..500 {
            (&x - &goal).square().sum(Kind::Float).backward();
            adam.step(0.05, 0.05, 1e9);
        }
        let away = f64::try_from((&x - &goal).abs().max()).unwrap();
        assert!(away < 0.02, "{away}");
    }

    #[test]
    fn a_held_variable_stays_near_where_it_was() {
        let away = |closeness: f64| {
            let x = Tensor::from_slice(&[1.0f32, 1.0])
                .view([1, 2])
                .set_requires_grad(true);
            let mut adam = AdamW::new(named(&x), named(&x), 0.0);
            adam.hold(closeness, |name| name == "x");
            for _ in 0..400 {
                (&x * 100.0).sum(Kind::Float).backward();
                adam.step(0.01, 0.01, 1e9);
            }
            1.0 - f64::try_from(x.max()).unwrap()
        };
        // The gradient never turns: free, it goes 0.01 a step; held, as far as 1 / closeness.
        assert!((away(0.0) - 4.0).abs() < 0.05, "{}", away(0.0));
        assert!((away(5.0) - 0.2).abs() < 0.02, "{}", away(5.0));
    }

    #[test]
    fn gradients_are_clipped() {
        let x = Tensor::from_slice(&[0.0f32, 0.0])
            .view([1, 2])
            .set_requires_grad(true);
        let mut adam = AdamW::new(named(&x), named(&x), 0.0);
        (&x * Tensor::from_slice(&[30.0f32, 40.0]))
            .sum(Kind::Float)
            .backward();
        let norm = adam.step(0.1, 0.1, 1.0);
        assert!((norm - 50.0).abs() < 1e-3);
        let kept = Vec::<f32>::try_from(adam.groups[0].mean.view([-1])).unwrap();
        assert!((kept[0] - 0.06).abs() < 1e-5 && (kept[1] - 0.08).abs() < 1e-5);
    }
}
