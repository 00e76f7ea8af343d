/// How many of the shards one of so many relays holds: together they hold all of them.
pub(super) fn fair_share(shards: u16, alive: i64) -> usize {
    let alive = usize::try_from(alive).unwrap_or(1).max(1);
    usize::from(shards).div_ceil(alive)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relays_together_hold_every_shard() {
        for alive in 1..20 {
            assert!(fair_share(8, alive) * usize::try_from(alive).unwrap() >= 8, "{alive} relays");
        }
        assert_eq!([0, 1, 2, 3, 8, 9].map(|alive| fair_share(8, alive)), [8, 8, 4, 3, 1, 1]);
    }
}
