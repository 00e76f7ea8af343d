/// From nothing to the most.
const MARKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Where nothing is known.
const UNKNOWN: char = '·';
/// More marks than a terminal has room for tell no more.
const MOST_MARKS: usize = 31;

/// How many values one mark of [`spark`] stands for, where there are so many.
pub(super) const fn values_a_mark(values: usize) -> usize {
    let each = values.div_ceil(MOST_MARKS);
    if each == 0 { 1 } else { each }
}

/// A row of marks, each as high as its value is beside the largest; of many values several share a mark.
pub(super) fn spark(values: &[Option<i64>]) -> String {
    let sum = |shared: &[Option<i64>]| shared.iter().flatten().copied().reduce(i64::saturating_add);
    let marks: Vec<Option<i64>> = values.chunks(values_a_mark(values.len())).map(sum).collect();
    let most = marks.iter().flatten().copied().max().unwrap_or(0).max(1);
    let mark = |value: i64| {
        let step = i128::from(value.max(0)) * 7 / i128::from(most);
        usize::try_from(step).ok().and_then(|step| MARKS.get(step)).copied().unwrap_or(UNKNOWN)
    };
    marks.into_iter().map(|value| value.map_or(UNKNOWN, mark)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_as_high_as_their_values_and_what_is_unknown_is_no_nothing() {
        assert_eq!(spark(&[Some(0), Some(1), Some(7), None]), "▁▂█·");
        assert_eq!(spark(&[Some(0), Some(0)]), "▁▁");
        assert_eq!(spark(&[Some(-3), Some(i64::MAX)]), "▁█");
        assert_eq!((spark(&[]), spark(&[None])), (String::new(), "·".to_owned()));
    }

    #[test]
    fn many_values_share_marks() {
        assert_eq!((values_a_mark(0), values_a_mark(31), values_a_mark(32), values_a_mark(366)), (1, 1, 2, 12));
        let year: Vec<Option<i64>> = (0..366).map(Some).collect();
        assert_eq!(spark(&year).chars().count(), 31);
    }
}
