//! The ramp filter of back projection, and its windows.
use realfft::{RealFftPlanner, RealToComplex};
use std::f64::consts::PI;
use std::sync::Arc;

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Window {
    RamLak,
    SheppLogan,
    Cosine,
    Hamming,
    Hann,
}

impl Window {
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "ramlak" => Window::RamLak,
            "shepp-logan" => Window::SheppLogan,
            "cosine" => Window::Cosine,
            "hamming" => Window::Hamming,
            "hann" => Window::Hann,
            _ => return None,
        })
    }

    /// Weight at a frequency, given in parts of the highest (0 to 1).
    fn weight(self, part: f64) -> f64 {
        let half = PI * part / 2.0;
        match self {
            Window::RamLak => 1.0,
            Window::SheppLogan if half == 0.0 => 1.0,
            Window::SheppLogan => half.sin() / half,
            Window::Cosine => half.cos(),
            Window::Hamming => 0.54 + 0.46 * (PI * part).cos(),
            Window::Hann => 0.5 + 0.5 * (PI * part).cos(),
        }
    }
}

/// Filters projections of one width; made once, used from all threads.
pub struct Filter {
    response: Vec<f32>,
    forward: Arc<dyn RealToComplex<f32>>,
    inverse: Arc<dyn realfft::ComplexToReal<f32>>,
    length: usize,
}

impl Filter {
    /// A projection is padded with zeros to at least twice its width: the ramp is
    /// made in real space and is right at frequency zero only then (no cupping).
    pub fn new(columns: usize, window: Window) -> Self {
        let length = smooth_length(2 * columns.max(1));
        let mut planner = RealFftPlanner::<f32>::new();
        let forward = planner.plan_fft_forward(length);
        let inverse = planner.plan_fft_inverse(length);
        let response = response(length, window);
        Filter {
            response,
            forward,
            inverse,
            length,
        }
    }

    /// Filter one projection; `out` has its width.
    pub fn apply(&self, projection: &[f32], out: &mut [f32]) {
        let mut padded = self.forward.make_input_vec();
        let mut spectrum = self.forward.make_output_vec();
        padded[..projection.len()].copy_from_slice(projection);
        // the lengths are those that the plan made itself
        let done = self.forward.process(&mut padded, &mut spectrum);
        debug_assert!(done.is_ok());
        for (value, weight) in spectrum.iter_mut().zip(&self.response) {
            *value *= weight;
        }
        let done = self.inverse.process(&mut spectrum, &mut padded);
        debug_assert!(done.is_ok());
        out.copy_from_slice(&padded[..out.len()]);
    }

    pub fn length(&self) -> usize {
        self.length
    }
}

/// Kak and Slaney, eq. 3.61, with pixel spacing 1, in frequency space.
fn response(length: usize, window: Window) -> Vec<f32> {
    let mut planner = RealFftPlanner::<f64>::new();
    let plan = planner.plan_fft_forward(length);
    let mut kernel = plan.make_input_vec();
    kernel[0] = 0.25;
    for n in (1..=length / 2).step_by(2) {
        let value = -1.0 / (PI * n as f64).powi(2);
        kernel[n] = value;
        kernel[length - n] = value;
    }
    let mut spectrum = plan.make_output_vec();
    let done = plan.process(&mut kernel, &mut spectrum);
    debug_assert!(done.is_ok());
    let last = (length / 2).max(1) as f64;
    let scale = 1.0 / length as f64; // of the unnormalised transforms
    let weights = spectrum.iter().enumerate();
    weights
        .map(|(i, v)| (v.re * window.weight(i as f64 / last) * scale) as f32)
        .collect()
}

/// Next even length whose only prime factors are 2, 3 and 5.
fn smooth_length(least: usize) -> usize {
    let smooth = |mut n: usize| {
        for p in [2, 3, 5] {
            while n % p == 0 {
                n /= p;
            }
        }
        n == 1
    };
    (least..)
        .find(|&n| n % 2 == 0 && smooth(n))
        .unwrap_or(least)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_even_and_smooth() {
        assert_eq!(smooth_length(1024), 1024);
        assert_eq!(smooth_length(1282), 1296);
        assert_eq!(smooth_length(2), 2);
    }

    #[test]
    fn a_wide_flat_projection_is_filtered_to_nearly_nothing_inside() {
        let filter = Filter::new(200, Window::RamLak);
        let mut out = vec![0.0; 200];
        filter.apply(&[1.0; 200], &mut out);

        // the true value at the middle of a box of width w is 2 / (pi^2 w)
        assert!((out[100] - 2.0 / (PI as f32).powi(2) / 200.0).abs() < 1e-4);
    }
}
