import unittest

from metrics import METRICS, SECTIONS, Unit, ratio_text, written


class MetricsTest(unittest.TestCase):
    def test_a_value_is_written_in_the_largest_step_that_it_fills(self) -> None:
        for value, unit, want in (
            (0, Unit.NANOSECONDS, "0.00 ns"),
            (98.76, Unit.NANOSECONDS, "98.8 ns"),
            (1000, Unit.NANOSECONDS, "1.00 µs"),
            (2_500_000_000, Unit.NANOSECONDS, "2.50 s"),
            (0.25, Unit.SECONDS, "250 ms"),
            (1023, Unit.BYTES, "1023 B"),
            (1024, Unit.BYTES, "1.00 KiB"),
            (15 << 20, Unit.BYTES, "15.0 MiB"),
            (4_560_000, Unit.PER_SECOND, "4.56 M/s"),
            (999, Unit.PER_SECOND, "999 /s"),
        ):
            with self.subTest(value=value, unit=unit):
                self.assertEqual(written(value, unit), want)

    def test_a_ratio_has_three_digits(self) -> None:
        for value, want in ((0.2533, "0.253"), (1.0, "1"), (12.345, "12.3"), (1234.5, "1234")):
            with self.subTest(value=value):
                self.assertEqual(ratio_text(value), want)

    def test_each_metric_belongs_to_a_section_of_the_document(self) -> None:
        for key, metric in METRICS.items():
            self.assertEqual(key, metric.key)
            self.assertIn(metric.section, SECTIONS)
