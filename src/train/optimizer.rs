use std::collections::BTreeMap;

use tch::Tensor;

use crate::error::{Error, Result};

/// AdamW (Loshchilov and Hutter 2019), whose state can be saved: the tensor library's own cannot.
#[derive(Debug)]
pub(super) struct AdamW {
    groups: Vec<Slot>,
    steps: i32,
    weight_decay: f64,
    closeness: f64,
}

#[derive(Debug)]
struct Slot {
    name: String,
    variable: Tensor,
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
    /// others at the heads'.
    pub fn new(variables: BTreeMap<String, Tensor>, weight_decay: f64) -> Self {
        let groups = variables
            .into_iter()
            .filter(|(_, v)| v.requires_grad())
            .map(|(name, variable)| Slot {
                mean: variable.zeros_like().detach(),
                square: variable.zeros_like().detach(),
                is_head: !name.starts_with("encoder."),
                decays: variable.dim() > 1,
                anchor: None,
                name,
                variable,
            })
            .collect();
        Self {
            groups,
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
            slot.anchor = (closeness > 0.0).then(|| slot.variable.detach().copy());
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
                .map(|g| g.norm().double_value(&[]).powi(2))
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
                let mut grad = slot.variable.grad();
                if !grad.defined() {
                    continue;
                }
                let rate = if slot.is_head { head_rate } else { rate };
                if scale != 1.0 {
                    let _ = grad.g_mul_scalar_(scale);
                }
                if let Some(anchor) = &slot.anchor {
                    let share = (rate * self.closeness).min(1.0);
                    let _ = slot.variable.lerp_(anchor, share);
                } else if slot.decays {
                    let _ = slot.variable.g_mul_scalar_(1.0 - rate * self.weight_decay);
                }
                let _ = slot.mean.lerp_(&grad, 1.0 - BETA.0);
                let _ = slot.square.g_mul_scalar_(BETA.1);
                let _ = slot.square.g_add_(&(grad.square() * (1.0 - BETA.1)));
                let root = slot.square.sqrt() / correct.1.sqrt() + EPSILON;
                let _ = slot
                    .variable
                    .g_sub_(&(&slot.mean / root * (rate / correct.0)));
                slot.variable.zero_grad();
            }
            norm
        })
    }

    /// The moments, by name, for a checkpoint.
    pub fn state(&self) -> BTreeMap<String, Tensor> {
        self.groups
            .iter()
            .flat_map(|s| {
                [
                    (format!("mean.{}", s.name), s.mean.shallow_clone()),
                    (format!("square.{}", s.name), s.square.shallow_clone()),
                ]
            })
            .collect()
    }

    /// Takes the moments of a checkpoint made after `steps` steps.
    pub fn restore(
        &mut self,
        state: &std::collections::HashMap<String, Tensor>,
        steps: usize,
    ) -> Result<()> {
        for slot in &mut self.groups {
            for (kind, target) in [("mean", &mut slot.mean), ("square", &mut slot.square)] {
                let name = format!("{kind}.{}", slot.name);
                let source = state
                    .get(&name)
                    .filter(|t| t.size() == target.size())
                    .ok_or_else(|| Error::Usage(format!("the checkpoint has no fitting {name}")))?;
                target.copy_(source);
            }
        }
        self.steps = steps as i32;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tch::{Device, Kind};

    #[test]
    fn it_finds_the_bottom_of_a_bowl() {
        let x = Tensor::from_slice(&[3.0f32, -4.0])
            .view([1, 2])
            .set_requires_grad(true);
        let mut adam = AdamW::new(BTreeMap::from([("x".to_string(), x.shallow_clone())]), 0.0);
        let goal = Tensor::from_slice(&[1.0f32, 2.0]);
        for _ in 0..500 {
            (&x - &goal).square().sum(Kind::Float).backward();
            adam.step(0.05, 0.05, 1e9);
        }
        let away = f64::try_from((&x - &goal).abs().max()).unwrap();
        assert!(away < 0.02, "{away}");
        assert_eq!(x.device(), Device::Cpu);
    }

    #[test]
    fn a_held_variable_stays_near_where_it_was() {
        let away = |closeness: f64| {
            let x = Tensor::from_slice(&[1.0f32, 1.0])
                .view([1, 2])
                .set_requires_grad(true);
            let mut adam = AdamW::new(BTreeMap::from([("x".to_string(), x.shallow_clone())]), 0.0);
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
        let mut adam = AdamW::new(BTreeMap::from([("x".to_string(), x.shallow_clone())]), 0.0);
        (&x * Tensor::from_slice(&[30.0f32, 40.0]))
            .sum(Kind::Float)
            .backward();
        let norm = adam.step(0.1, 0.1, 1.0);
        assert!((norm - 50.0).abs() < 1e-3);
        let kept = Vec::<f32>::try_from(adam.groups[0].mean.view([-1])).unwrap();
        assert!((kept[0] - 0.06).abs() < 1e-5 && (kept[1] - 0.08).abs() < 1e-5);
    }
}
