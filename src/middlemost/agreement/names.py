"""What the coefficients are called before people; a table of names beside the tables of methods."""

TITLES = {
    "alpha": "Krippendorff’s α",
    "fleiss-kappa": "Fleiss’ κ",
    "gwet-ac": "Gwet’s AC1",
    "percent-agreement": "Percent agreement",
}
